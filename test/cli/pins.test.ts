import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { SUBJECT } from '../keys/fixtures.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DAY_MS = 24 * 60 * 60 * 1000;

describe('npm run gateway -- providers pins', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pins-command-'));
  const config = join(directory, 'gateway.yaml');
  const file = join(directory, 'next.pem');
  let fingerprint = '';
  const run = (...args: string[]) => {
    const env = {
      GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
      GATEWAY_SECRET_SUAP: 'long enough for a test, is it',
    };
    const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
    return { code: status, out: stdout, err: stderr };
  };
  const pins = (...args: string[]) => run('providers', 'pins', ...args);
  const idIn = ({ out }: { readonly out: string }) => /Proposed: (\S+)/.exec(out)?.[1] ?? '';

  beforeAll(async () => {
    // A registry that answers nothing: the commands need none.
    const text = readFileSync(join(ROOT, 'gateway.example.yaml'), 'utf8');
    writeFileSync(
      config,
      text.replace(/url: https:\/\/registry\.spid\.gov\.it\S+/, 'url: http://127.0.0.1:9/'),
    );
    expect(run('keys', 'create', '--bits', '2048').code).toBe(0);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const from = new Date(systemClock.now().getTime() - 355 * DAY_MS);
    const pem = await selfSignedCertificate(SUBJECT, privateKey, from, 1);
    writeFileSync(file, pem);
    fingerprint = new X509Certificate(pem).fingerprint256;
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('shows what the configuration pins, proposes another, and lets an operator decide who says why', () => {
    expect(pins()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/counts +configuration +RSA 4096/) as string,
    });
    const id = idIn(pins('add', file));
    const waiting = pins('list');
    expect(waiting).toMatchObject({ code: 1, out: expect.stringContaining(id) as string });
    const silent = pins('approve', id, '--fingerprint', fingerprint);
    expect(silent).toMatchObject({ code: 2, err: expect.stringContaining('--reason') as string });
    expect(pins('approve', id, '--reason', 'alone')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not the fingerprint') as string,
    });
    expect(pins('approve', id, '--fingerprint', fingerprint, '--reason', 'alone').code).toBe(0);
    expect(pins('approve', id, '--fingerprint', fingerprint, '--reason', 'again').code).toBe(1);
    expect(pins()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/counts +console +RSA 2048/) as string,
    });
    expect(run('audit', 'export').out).toContain('"reason":"alone"');
  });

  it('puts what was pinned at run time into the calendar', () => {
    expect(run('keys', 'calendar').out).toMatch(
      / (9|10) +registry +console [0-9a-f]{16} +expires in \d+ days/,
    );
  });

  it('takes a proposal back, and refuses what it does not know', () => {
    const id = idIn(pins('remove', fingerprint));
    expect(pins('withdraw', id)).toMatchObject({ code: 0 });
    expect(pins('withdraw', id)).toMatchObject({ code: 1 });
    expect(pins('remove', 'AA:BB')).toMatchObject({ code: 1 });
    expect(pins('add', join(directory, 'none.pem'))).toMatchObject({ code: 1 });
    for (const wrong of [['add'], ['nonsense'], ['reset', 'x', '--reason', 'y'], ['toString']])
      expect(pins(...wrong).code, wrong.join(' ')).toBe(2);
  });

  it('believes nothing that was altered, and starts over when told why', async () => {
    const store = await openStore(`sqlite:${join(directory, 'data/gateway.db')}`, systemClock);
    await store.db.deleteFrom('registry_pins').execute();
    await store.close();
    expect(pins()).toMatchObject({ code: 1, err: expect.stringContaining('providers pins reset') as string });
    expect(pins('reset').code).toBe(2);
    expect(pins('reset', '--reason', 'the row was deleted').code).toBe(0);
    expect(JSON.parse(pins('--json').out)).toMatchObject({ pins: [{ configured: true }], waiting: [] });
  });
});
