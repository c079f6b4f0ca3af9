import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadKeys } from '../../src/keys/directory.ts';
import { ROTATED } from '../../src/keys/rotation.ts';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { SUBJECT } from '../keys/fixtures.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A folder with the example configuration, and a way to call the command on it as an operator would. */
function folder() {
  const directory = mkdtempSync(join(tmpdir(), 'keys-command-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const config = join(directory, 'gateway.yaml');
  copyFileSync(join(ROOT, 'gateway.example.yaml'), config);
  const keys = (args: string[], passphrase = 'correct horse battery staple') => {
    const run = spawnSync(
      process.execPath,
      [join(ROOT, 'src/main.ts'), 'keys', ...args, '--config', config],
      {
        encoding: 'utf8',
        env: {
          GATEWAY_KEYS_PASSPHRASE: passphrase,
          GATEWAY_SECRET_SUAP: 'a secret that is long enough for a test',
        },
      },
    );
    return { code: run.status, out: run.stdout, err: run.stderr };
  };
  const facts = () => {
    const passphrase = 'correct horse battery staple';
    return loadKeys(join(directory, 'keys'), { passphrase }).rotating.facts(systemClock.now());
  };
  return { directory, config, keys, facts };
}

describe('npm run gateway -- keys', () => {
  it('creates what is missing, says what it made, and does nothing the second time', () => {
    const { keys, directory } = folder();
    const first = keys(['create', '--bits', '2048']);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out.split('\n').slice(1, -1)).toEqual([
      '  oidc-es256.key.pem',
      '  oidc-rs256.key.pem',
      '  saml-unione.crt.pem',
      '  saml-unione.key.pem',
      '  secrets.json',
    ]);
    const second = keys(['create', '--json']);
    expect(JSON.parse(second.out)).toEqual({ directory: join(directory, 'keys'), written: [] });
  });

  it('shows every key with dates and fingerprint, and nothing secret', () => {
    const { keys, directory } = folder();
    keys(['create', '--bits', '2048', '--years', '1']);
    const { code, out } = keys(['show']);
    expect(code).toBe(0);
    expect(out).toMatch(/^saml +unione +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +[0-9a-f]{64}$/m);
    expect(out.match(/^(saml|oidc|data|person|subject|cookies)\b/gm)).toHaveLength(7);
    const { secrets } = JSON.parse(readFileSync(join(directory, 'keys/secrets.json'), 'utf8')) as {
      secrets: Record<string, { sealed: string }[]>;
    };
    for (const { sealed } of Object.values(secrets).flat()) expect(out).not.toContain(sealed);
    const shown = JSON.parse(keys(['show', '--json']).out) as { keys: object[]; problems: object[] };
    expect(shown.problems).toEqual([]);
    for (const key of shown.keys) {
      expect(['kind', 'id', 'created', 'expires', 'fingerprint', 'turn']).toEqual(
        expect.arrayContaining(Object.keys(key)),
      );
    }
  });

  it('ends with 1 and says why when a certificate no longer fits its entity', () => {
    const { keys, config } = folder();
    keys(['create', '--bits', '2048']);
    writeFileSync(config, readFileSync(config, 'utf8').replace('ipaCode: udc_vdes', 'ipaCode: udc_altra'));
    const { code, out } = keys(['show']);
    expect(code).toBe(1);
    expect(out).toContain(
      'saml unione: subject.organizationIdentifier: found PA:IT-udc_vdes; allowed: PA:IT-udc_altra (spid-sp-metadata 5)',
    );
  });

  it('publishes the next keys ahead, once, and at once only when told to', () => {
    const { keys, facts } = folder();
    keys(['create', '--bits', '2048']);
    const ahead = JSON.parse(keys(['rotate', '--json']).out) as { written: string[]; from: string };
    expect(ahead.written.map((name) => name.split('.')[0])).toEqual(['oidc-rs256', 'oidc-es256', 'cookies']);
    const published = facts().filter(({ state }) => state === 'published');
    expect(published.map(({ use, from }) => [use, from?.toISOString()])).toEqual(
      ROTATED.map((use) => [use, ahead.from]),
    );
    expect(facts().filter(({ state }) => state === 'signs')).toHaveLength(3);
    expect(keys(['rotate']).out).toContain('published already and sign from');
    const hurried = JSON.parse(keys(['rotate', '--now', '--json']).out) as {
      written: string[];
      from: string;
    };
    expect(hurried.written).toHaveLength(3);
    expect(Date.parse(hurried.from)).toBeLessThan(Date.parse(ahead.from));
    const next = published[0]?.id ?? '';
    expect(keys(['withdraw', next])).toMatchObject({ code: 0, err: '' });
    expect(facts().map(({ id }) => id)).not.toContain(next);
    const [signs] = facts().filter(({ state }) => state === 'signs');
    expect(keys(['withdraw', signs?.id ?? ''])).toMatchObject({ code: 1 });
    // An id as one in 64 are.
    expect(keys(['withdraw', `-${'G'.repeat(42)}`, '--json'])).toMatchObject({ code: 1 });
  });

  it('tells when everything ends, what others look after too, and ends with 1 when something is pressing', async () => {
    const { keys, config, directory } = folder();
    const text = readFileSync(config, 'utf8').replace(/^ {6}registry:\n(?: {8}.*\n)+/m, '');
    mkdirSync(join(directory, 'metadata/idp'), { recursive: true });
    const tenDaysLeft = new Date(systemClock.now().getTime() - 355 * 24 * 60 * 60 * 1000);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(
      join(directory, 'tls.pem'),
      await selfSignedCertificate(SUBJECT, privateKey, tenDaysLeft, 1),
    );
    writeFileSync(config, text);
    keys(['create', '--bits', '2048']);
    const quiet = keys(['calendar', '--json']);
    expect(quiet.code).toBe(0);
    expect((JSON.parse(quiet.out) as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      'cookies',
      'oidc',
      'oidc',
      'saml',
    ]);
    writeFileSync(config, text.replace('  # watch: [/etc/', '  watch: [tls.pem] # '));
    const pressing = keys(['calendar']);
    expect(pressing.code).toBe(1);
    expect(pressing.out).toMatch(/^\d{4}-\d\d-\d\d +(9|10) +certificate +\/.*tls\.pem +expires in \d+ days/m);
    writeFileSync(join(directory, 'tls.pem'), 'no certificate');
    expect(keys(['calendar']).err).toContain('tls.pem: not a certificate in PEM');
  });

  it('refuses a short passphrase without repeating it, and a wrong one', () => {
    const { keys } = folder();
    const short = keys(['create'], 'open sesame');
    expect(short).toMatchObject({ code: 1, out: '' });
    expect(short.err).toMatch(/keys\.passphrase: found 11 characters; allowed: 16 or more/);
    expect(short.err).not.toContain('sesame');
    keys(['create', '--bits', '2048']);
    expect(keys(['show'], 'another horse another staple')).toMatchObject({ code: 1, out: '' });
  });

  it('writes keys again under another passphrase, says what it would do before, and what opens with neither', () => {
    const { keys, config, directory } = folder();
    keys(['create', '--bits', '2048']);
    mkdirSync(join(directory, 'keys/retired'));
    writeFileSync(join(directory, 'keys/retired/saml-old.key.pem'), 'no key');
    const [old, next] = ['correct horse battery staple', 'wrong donkey cable clamp'];
    writeFileSync(join(directory, 'before'), `${old}\n`);
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace(/# (previousPassphrase: \{ file: ).*/, '$1before }'));
    const planned = keys(['rewrap', '--dry-run'], next);
    expect(planned).toMatchObject({ code: 1, err: '' });
    const names = ['oidc-es256.key.pem', 'oidc-rs256.key.pem', 'saml-unione.key.pem'];
    expect(planned.out.trim().split('\n')).toEqual([
      'Would be written again:',
      '  secrets.json',
      ...names.map((name) => `  ${name}`),
      'retired/saml-old.key.pem: opens with neither; nothing was done to it',
    ]);
    expect(keys(['rewrap'], next).out).toBe(planned.out.replace('Would be written', 'Written'));
    writeFileSync(config, text);
    expect(keys(['rewrap'], next)).toMatchObject({
      code: 1,
      out: `There is nothing that opens with a previous passphrase or master key.\n${planned.out.split('\n').at(-2)}\n`,
    });
    rmSync(join(directory, 'keys', 'retired'), { recursive: true });
    expect(keys(['rewrap'], next)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Everything opens with the present passphrase') as string,
    });
    expect(keys(['show'], old)).toMatchObject({ code: 1, out: '' });
  }, 120_000);

  it.each([
    [[], 'say what to do: create, show, calendar, rotate, rewrap, or withdraw and which'],
    [['destroy'], 'say what to do: create, show, calendar, rotate, rewrap, or withdraw and which'],
    [['withdraw'], 'say what to do: create, show, calendar, rotate, rewrap, or withdraw and which'],
    [['create', 'twice'], 'say what to do: create, show, calendar, rotate, rewrap, or withdraw and which'],
    [['create', '--bits', '1024'], '--bits: found 1024; allowed: 2048, 3072 or 4096'],
    [['create', '--years', '0'], '--years: found 0; allowed: 1 to 10'],
    [['create', '--years', 'two'], '--years: found two; allowed: 1 to 10'],
    [['create', '--force'], "Unknown option '--force'"],
  ])('ends with 2 when called as keys %j', (args, message) => {
    const { code, err } = folder().keys(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
