import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/operations/log.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { startWebProxy, type WebProxyServer } from '../support/web-proxy.ts';

const PUBLIC_URL = 'https://accesso.example.it';
const HOST = 'keys.service.example.it';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('a gateway whose network only a web proxy leads out of', () => {
  let proxy: WebProxyServer;
  let gateway: TestGateway;
  const logged: string[] = [];
  beforeAll(async () => {
    const keys = JSON.stringify({
      keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'k' }],
    });
    proxy = await startWebProxy(HOST, { answer: () => keys });
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      log: createLog({ level: 'debug', destination: { write: (line) => logged.push(line) } }),
      clients: [
        testClient('outside', {
          authMethod: 'private_key_jwt',
          attributes: [],
          jwksUri: `https://${HOST}/keys`,
        }),
      ],
      change: (input) => ({
        ...input,
        publicUrl: PUBLIC_URL,
        behindProxy: true,
        outbound: { proxy: proxy.url },
        entities: input.entities?.map((entity) => ({ ...entity, entityId: `${PUBLIC_URL}/spid` })) ?? [],
      }),
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await proxy.stop();
  });

  /** A client shows who it is, by a key that is published outside. */
  async function authenticate(clientId: string) {
    const client_assertion = await new SignJWT({ jti: clientId })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(PUBLIC_URL)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    const answer = await fetch(`http://${gateway.listening}/oidc/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        token: 'none',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      }),
    });
    return answer.status;
  }

  it('gets the keys of services through it, and keeps its credentials to itself', async () => {
    expect(await authenticate('outside')).toBe(200);
    expect(proxy.asked.map(([request]) => request)).toEqual([`CONNECT ${HOST}:443`]);
    expect(logged.join('')).not.toContain('s3cr3t');
    expect(JSON.stringify(gateway.configuration.settings)).not.toContain('s3cr3t');
  });
});
