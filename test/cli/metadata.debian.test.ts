import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { yaml } from '../support/yaml.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'metadata-command-'));
afterAll(() => rmSync(directory, { recursive: true }));

const config = join(directory, 'gateway.yaml');
writeFileSync(config, readFileSync(join(ROOT, 'gateway.example.yaml')));

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

/** Whether xmlsec1 verifies a document with the certificate that the key directory holds. */
function verified(xml: string): boolean {
  const file = join(directory, 'signed.xml');
  writeFileSync(file, xml);
  const certificate = join(directory, 'keys/saml-unione.crt.pem');
  const options = ['--verify', '--enabled-key-data', 'x509,rsa', '--pubkey-cert-pem', certificate];
  const root = 'urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor';
  execFileSync('xmlsec1', [...options, '--id-attr:ID', root, file], { stdio: 'pipe' });
  return true;
}

// Some thirty processes, one after the other.
it(
  'takes the metadata of three bodies from declaration to in force, each verified by xmlsec1',
  { timeout: 240_000 },
  () => {
    expect(gateway('keys', 'create', '--bits', '2048').code).toBe(0);
    const town = join(directory, 'comune.yaml');
    const base = {
      id: 'esempio',
      entityId: 'https://accesso.unione.example.it/pub-ag-full/c_x999',
      organization: {
        name: { it: 'Comune di Esempio' },
        displayName: { it: 'Comune di Esempio' },
        url: { it: 'https://www.comune.example.it' },
      },
      contact: { ipaCode: 'c_x999', email: 'spid@comune.example.it' },
      locality: 'Esempio',
      aggregator: 'unione',
      attributeSets: [{ index: 0, name: 'Identificazione', attributes: ['spidCode', 'fiscalNumber'] }],
    };
    writeFileSync(town, yaml({ ...base, contact: { ipaCode: 'c x999', email: 'a+b@example.it' } }));
    const refused = gateway('entity', 'save', town);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/ipaCode: found c x999; .*\(spid-sp-metadata 2\.3\)/);
    expect(refused.err).toMatch(/email: found a\+b@example\.it; .*\(spid-sp-metadata 2\.3\)/);
    writeFileSync(town, yaml(base));
    expect(gateway('entity', 'save', town)).toMatchObject({ code: 0, err: '' });
    expect(gateway('entity', 'test-body', 'unione')).toMatchObject({ code: 0, err: '' });

    for (const id of ['unione', 'esempio', 'collaudo']) {
      const draft = gateway('metadata', 'draft', id);
      expect(draft).toMatchObject({ code: 0, err: '' });
      expect(gateway('metadata', 'seal', id).out).toMatch(
        new RegExp(`^Version 1 of ${id} is sealed\\.[^]*metadata submitted ${id} --version 1`),
      );
      const xml = gateway('metadata', 'show', id).out;
      expect(xml).toContain('<md:EntityDescriptor');
      expect(verified(xml)).toBe(true);
    }
    const zip = join(directory, 'batch.zip');
    expect(gateway('metadata', 'export', '--out', zip).out).toContain('esempio-v1.xml');
    expect(execFileSync('python3', ['-m', 'zipfile', '-l', zip], { encoding: 'utf8' })).toContain(
      'summary.json',
    );
    gateway('metadata', 'submitted', 'esempio', '--version', '1');
    const provider = 'https://autoverifica.invalid';
    const inForce = ['metadata', 'in-force', 'esempio', '--version', '1', '--provider', provider];
    // A name that nobody bears is a slip of the pen.
    expect(gateway(...inForce)).toMatchObject({
      code: 1,
      err: `no identity provider ${provider} is listed\n`,
    });
    mkdirSync(join(directory, 'metadata/idp'), { recursive: true });
    const file = join(directory, 'metadata/idp/test.xml');
    const made = spawnSync(
      process.execPath,
      [join(ROOT, 'src/main.ts'), 'check', '--idp-metadata', file, '--keys', join(directory, 'selfcheck')],
      { encoding: 'utf8' },
    );
    expect(made.status).toBe(0);
    expect(gateway(...inForce).code).toBe(0);
    const listed = JSON.parse(gateway('metadata', 'list', 'esempio', '--json').out) as object[];
    expect(listed).toMatchObject([{ version: 1, inForce: [{ provider }] }]);
    const trail = gateway('audit', 'export').out.trim().split('\n');
    const actions = trail.map((line) => (JSON.parse(line) as { action: string }).action);
    expect(actions.filter((action) => action.startsWith('metadata.')).slice(-2)).toEqual([
      'metadata.submitted',
      'metadata.in-force',
    ]);
  },
);

it('checks any file, and says with its exit code whether it is acceptable', () => {
  const file = join(directory, 'foreign.xml');
  writeFileSync(
    file,
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="http://x"/>',
  );
  const { code, out } = gateway('metadata', 'check', '--file', file);
  expect(code).toBe(1);
  expect(out).toMatch(/M4 error: EntityDescriptor\/@entityID: found http:\/\/x; allowed: an https URL/);
});

it.each([
  [['metadata', 'seal'], 2, /name one entity/],
  [['metadata', 'in-force', 'unione'], 2, /--version/],
  [['metadata', 'in-force', 'unione', '--version', '9'], 1, /no version 9/],
  [['metadata', 'nonsense'], 2, /there is no "nonsense"/],
  [['entity', 'show', 'nessuno'], 1, /there is no entity nessuno/],
  [['metadata', 'draft', 'nessuno'], 1, /no entity nessuno/],
])('says what is wrong with %j', (args, code, message) => {
  const run = gateway(...args);
  expect(run.code).toBe(code);
  expect(run.err).toMatch(message);
});
