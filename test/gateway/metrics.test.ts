import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../src/gateway.ts';
import { serveMetrics } from '../../src/gateway/metrics.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const text = (name: string) => ({ it: name, en: name });
const CLIENT = {
  id: 'suap',
  entity: 'unione',
  name: text('SUAP'),
  homePage: 'https://suap.example.it/',
  redirectUris: ['https://suap.example.it/callback'],
  authMethod: 'none' as const,
  attributes: [{ name: 'familyName' as const, purpose: text('provare') }],
};

describe('the metrics of a running gateway', () => {
  let gateway: TestGateway;
  let port: number;
  beforeAll(async () => {
    port = await freePorts(1);
    gateway = await startTestGateway({
      clients: [CLIENT],
      storeUrl: 'sqlite::memory:',
      change: (input) => ({ ...input, metrics: { port } }),
    });
  });
  afterAll(() => gateway.stop());

  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  it('keep a gateway from starting where their address is taken, and leave no door of it open', async () => {
    const own = await freePorts(1);
    const configuration = { ...gateway.configuration, listen: { host: 'localhost', port: own } };
    const options = { clock: systemClock, log: createLog({ level: 'silent' }) };
    await expect(startGateway(configuration, options)).rejects.toMatchObject({ code: 'listen' });
    await expect(fetch(`http://localhost:${own}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('tell how logins go, how long answers take and when our keys end, and nothing about who came', async () => {
    const url = new URL(`${gateway.url}/oidc/auth`);
    url.search = new URLSearchParams({
      client_id: 'suap',
      response_type: 'code',
      scope: 'openid profile',
      state: 's',
      redirect_uri: CLIENT.redirectUris[0] ?? '',
      code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    await gateway.login(url.href);
    await fetch(`${gateway.url}/RSSMRA80A01H501U`);
    const metrics = await read();
    const provider = gateway.providers[0];
    for (const line of [
      `gateway_logins_total{step="departed",provider="${provider}",level="2",outcome="sent"} 1`,
      `gateway_logins_total{step="answered",provider="${provider}",level="2",outcome="accepted"} 1`,
      'gateway_logins_total{step="completed",provider="unknown",level="2",outcome="accepted"} 1',
      'gateway_register_entries_total{kind="request"} 1',
      'gateway_register_entries_total{kind="response"} 1',
      'gateway_http_request_duration_seconds_count{method="GET",route="/login/:uid",status="2xx"} 1',
      'gateway_http_request_duration_seconds_count{method="GET",route="other",status="4xx"} 1',
    ])
      expect(metrics).toContain(line);
    expect(metrics).toMatch(
      /gateway_key_expiry_timestamp_seconds\{kind="saml",id="unione"\} 1\.\d+e\+?9|\d{10}/,
    );
    expect(metrics).toContain('nodejs_eventloop_lag_seconds');
    expect(metrics).not.toMatch(/rossi|anna|RSSMRA|TINIT/i);
  });

  it('are not on the address that citizens see', async () => {
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });
});

describe('the metrics listener with a token', () => {
  it('answers to the token and to nothing else', async () => {
    const port = await freePorts(1);
    const server = await serveMetrics(
      { metrics: { host: '127.0.0.1', port, token: 'secret' } },
      createMetrics(),
    );
    const status = async (authorization?: string) =>
      (
        await fetch(`http://127.0.0.1:${port}/metrics`, {
          headers: authorization === undefined ? {} : { authorization },
        })
      ).status;
    expect([await status(), await status('Bearer wrong'), await status('Bearer secret')]).toEqual([
      401, 401, 200,
    ]);
    await server?.stop();
  });
});
