import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpiryCalendar } from '../../src/gateway/calendar.ts';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { addTurns, ROTATED } from '../../src/keys/rotation.ts';
import { systemClock } from '../../src/operations/clock.ts';
import type { Log, LogEvent } from '../../src/operations/log.ts';
import { deskOf } from '../admin/fixtures.ts';
import { SUBJECT } from '../keys/fixtures.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the calendar of a running gateway', () => {
  const directory = mkdtempSync(join(tmpdir(), 'calendar-'));
  const watched = join(directory, 'tls.pem');
  const events: LogEvent[] = [];
  const log: Log = { event: (event) => void events.push(event), failure: () => undefined };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let gateway: TestGateway;
  let metrics: number;

  const certificateWith = async (days: number) => {
    const from = new Date(systemClock.now().getTime() + (days - 365 + 0.5) * DAY_MS);
    writeFileSync(watched, await selfSignedCertificate(SUBJECT, privateKey, from, 1));
  };
  const problems = () => events.filter(({ event }) => event === 'key_problem');

  beforeAll(async () => {
    await certificateWith(10);
    metrics = await freePorts(1);
    gateway = await startTestGateway({
      clients: [],
      storeUrl: 'sqlite:gateway.db',
      log,
      change: (input) => ({
        ...input,
        keys: { ...input.keys, watch: [watched] },
        metrics: { port: metrics },
      }),
    });
  });
  afterAll(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });

  it('is in the log, in readiness and in the metrics', async () => {
    expect(problems()).toEqual([
      {
        event: 'key_problem',
        kind: 'certificate',
        id: watched,
        problem: expect.stringMatching(/^expires in 10 days, on \d{4}/) as string,
      },
    ]);
    const ready = await fetch(`${gateway.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      dependencies: { keys: 'ok' },
      warnings: [expect.stringMatching(/tls\.pem: expires in 10 days/)],
    });
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    for (const kind of ['saml', 'oidc', 'cookies', 'certificate'])
      expect(text).toMatch(
        new RegExp(`gateway_key_expiry_timestamp_seconds\\{kind="${kind}",id="[^"]+"\\} \\d`),
      );
  });

  it('is a page of the console, which says what to do', async () => {
    const auditor = await deskOf(gateway, 'giulia.verdi', 'auditor');
    const { html } = await auditor.get('/admin/keys');
    const [urgent = '', rest = ''] = html.split('Calendario');
    expect(urgent).toMatch(/tls\.pem[\s\S]*fra 10 giorni[\s\S]*Rinnova il certificato dove si trova/);
    expect(rest).toContain('Certificato SPID dell’ente');
    expect(rest).not.toContain('Rinnova il certificato');
    expect((await auditor.get('/admin/keys?lang=en')).html).toContain('Renew the certificate where it is.');
  });

  it('says each threshold once, sees a renewed file, and goes on when a file is away for a while', async () => {
    const { configuration } = gateway;
    const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    const calendar = new ExpiryCalendar(configuration, keys, { all: () => [] });
    events.length = 0;
    const tend = (days: number) =>
      calendar.tend({ clock: { now: () => new Date(systemClock.now().getTime() + days * DAY_MS) }, log });
    tend(0);
    tend(0);
    tend(1);
    expect(problems()).toHaveLength(1);
    tend(4);
    expect(problems()).toHaveLength(2);
    rmSync(watched);
    tend(5);
    tend(5);
    expect(problems().slice(2)).toMatchObject([{ id: 'keys_missing' }]);
    await certificateWith(200);
    tend(5);
    expect(calendar.warnings(systemClock.now())).toEqual([]);
  });

  it('wants nobody for keys that change by themselves, unless they did not', async () => {
    const { configuration } = gateway;
    const { directory: place, passphrase, rotation } = configuration.keys;
    const keys = loadKeys(place, { passphrase });
    const manual = {
      ...configuration,
      keys: { ...configuration.keys, rotation: { ...rotation, automatic: false } },
    };
    const after = (days: number) => new Date(systemClock.now().getTime() + days * DAY_MS);
    const warnings = (config: typeof configuration, days: number) =>
      new ExpiryCalendar(config, keys, { all: () => [] })
        .on(after(days))
        .filter(({ kind, stage }) => stage !== undefined && kind !== 'saml' && kind !== 'certificate');
    expect(warnings(configuration, 83)).toEqual([]);
    expect(warnings(configuration, 85)).toHaveLength(3);
    expect(warnings(manual, 81)).toEqual([]);
    expect(warnings(manual, 83.5)).toHaveLength(3);
    await addTurns(place, { uses: ROTATED, from: after(90), passphrase, now: after(83) });
    keys.rotating.reload();
    expect(warnings(manual, 85)).toEqual([]);
  });
});
