import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'cert-command-'));
const at = (...names: string[]) => join(directory, ...names);
const config = at('gateway.yaml');

/** The command line, as an operator uses it. */
function gateway(...args: string[]) {
  const run = spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), ...args, '--config', config], {
    encoding: 'utf8',
    env: {
      GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
      GATEWAY_SECRET_SUAP: 'a secret that is long enough for a test',
    },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
/** What a command must not write when it refuses. */
const files = () => readdirSync(at('keys')).sort();

beforeAll(() => {
  writeFileSync(config, readFileSync(join(ROOT, 'gateway.example.yaml')));
  expect(gateway('keys', 'create', '--bits', '2048').code).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true }));

it('makes a further key whose certificate has the policy of an aggregator, read by openssl', () => {
  const made = gateway('cert', 'create', 'unione', '--aggregator');
  expect(made).toMatchObject({ code: 0, err: '' });
  const text = openssl('x509', '-in', at('keys/saml-unione.2.crt.pem'), '-noout', '-text');
  expect(text).toContain('Public-Key: (3072 bit)');
  for (const policy of ['1.3.76.16.6', '1.3.76.16.4.2.1', '1.3.76.16.4.2.2'])
    expect(text).toContain(`Policy: ${policy}\n`);
  expect(gateway('cert', 'check', at('keys/saml-unione.2.crt.pem'), '--entity', 'unione').code).toBe(0);
});

it('asks for the policy of an aggregator only while somebody takes part through the body', () => {
  const check = () => gateway('cert', 'check', at('keys/saml-unione.crt.pem'), '--entity', 'unione').code;
  expect(gateway('entity', 'test-body', 'unione').code).toBe(0);
  expect(check()).toBe(1);
  expect(gateway('entity', 'cease', 'collaudo').code).toBe(0);
  expect(check()).toBe(0);
});

it('puts no key aside that still signs or is the only one', () => {
  // Nothing is in force: neither signs, and one of the two may go.
  expect(gateway('cert', 'retire', 'saml-unione').code).toBe(0);
  expect(readdirSync(at('keys/retired')).sort()).toEqual(['saml-unione.crt.pem', 'saml-unione.key.pem']);
  expect(gateway('cert', 'retire', 'saml-unione.2').err).toMatch(/is the only key of unione/);
  const trail = gateway('audit', 'export').out;
  expect(trail).toMatch(/certificate\.create.*saml-unione\.2[^]*certificate\.retire.*saml-unione/);
});

it('asks for a certificate and takes it in when it comes', () => {
  const asked = gateway('cert', 'csr', 'unione', '--bits', '2048');
  expect(asked).toMatchObject({ code: 0, err: '' });
  const request = at('keys/saml-unione.3.csr.pem');
  expect(openssl('req', '-in', request, '-noout', '-verify', '-text')).toContain('PA:IT-udc_vdes');
  // What waits for its certificate is no key yet.
  expect(gateway('cert', 'list').out).not.toContain('saml-unione.3');
  const foreign = at('keys/saml-unione.2.crt.pem');
  const before = files();
  expect(gateway('cert', 'import', 'unione', '--certificate', foreign).err).toMatch(
    /is not the certificate of/,
  );
  expect(files()).toEqual(before);
});

it('refuses a certificate of another body, an expired one and a weak key, before anything is written', () => {
  const make = (name: string, bits: string, days: string) => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      `rsa:${bits}`,
      '-nodes',
      '-subj',
      '/CN=Altro/O=Altro/C=IT',
      '-days',
      days,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.crt`),
    );
    return ['--certificate', at(`${name}.crt`), '--key', at(`${name}.key`)];
  };
  const before = files();
  const weak = gateway('cert', 'import', 'unione', ...make('weak', '1024', '30'));
  expect(weak.code).toBe(1);
  expect(weak.err).toMatch(
    /key: found rsa 1024; allowed: rsa of 2048, 3072, 4096 bits \(spid-sp-metadata 5\)/,
  );
  expect(weak.err).toMatch(/subject\.uri: found nothing/);
  const check = gateway('cert', 'check', at('weak.crt'));
  expect(check.code).toBe(1);
  expect(check.out).toMatch(/certificatePolicies: found nothing/);
  expect(files()).toEqual(before);
});

it.each([
  [['cert', 'create', 'nessuno'], 1, /no entity nessuno takes part/],
  [['cert', 'create', 'unione', '--bits', '1024'], 2, /allowed: 2048, 3072 or 4096/],
  [['cert', 'retire', 'saml-nessuno'], 1, /there is no key saml-nessuno/],
  [['cert', 'import', 'unione'], 2, /--certificate/],
])('says what is wrong with %j', (args, code, message) => {
  const run = gateway(...args);
  expect(run.code).toBe(code);
  expect(run.err).toMatch(message);
});
