import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfiguration } from '../../src/config/load.ts';
import { startGateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';

const directory = mkdtempSync(join(tmpdir(), 'gateway-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const example = readFileSync(`${import.meta.dirname}/../../gateway.example.yaml`, 'utf8');
const environment = {
  GATEWAY_KEYS_PASSPHRASE: 'a passphrase of some length',
  GATEWAY_SECRET_SUAP: 'a secret',
};

type Tree = Record<string, unknown>;

/** The example with one value changed, deleted (undefined) or added, by path. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const tree = parse(example) as Tree;
  const [last, ...rest] = [...path].reverse();
  const parent = rest.reverse().reduce<Tree>((node, key) => node[key] as Tree, tree);
  if (value === undefined) delete parent[last ?? ''];
  else parent[last ?? ''] = value;
  return stringify(tree);
}

function write(text: string): string {
  const file = join(directory, 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

const load = (text: string, variables: NodeJS.ProcessEnv = environment) =>
  loadConfiguration(write(text), variables);

describe('configuration', () => {
  it('accepts the example as it stands, secrets from the environment, paths from the file', () => {
    const configuration = load(example);
    expect(configuration).toMatchObject({
      publicUrl: 'https://accesso.unione.example.it',
      store: { url: `sqlite:${directory}/data/gateway.db` },
      keys: { directory: join(directory, 'keys'), passphrase: environment.GATEWAY_KEYS_PASSPHRASE },
      sources: { spid: { skewSeconds: 30, binding: 'post' } },
    });
    expect(configuration.clients[0]?.secrets).toEqual(['a secret']);
  });

  it('reads a secret from a file', () => {
    writeFileSync(join(directory, 'passphrase'), 'from a file, of some length\n');
    expect(load(changed(['keys', 'passphrase'], { file: 'passphrase' })).keys.passphrase).toBe(
      'from a file, of some length',
    );
  });

  it.each([
    [
      'an http address that is not this machine',
      ['publicUrl'],
      'http://accesso.unione.example.it',
      'publicUrl: found "http://accesso.unione.example.it"; allowed: an https URL',
    ],
    ['an address with a path', ['publicUrl'], 'https://accesso.unione.example.it/login', 'publicUrl: found'],
    ['an unknown key', ['colour'], 'blue', 'colour: no such key; allowed: publicUrl, listen, behindProxy'],
    [
      'an unknown key further in',
      ['entities', 0, 'organization', 'nome'],
      'x',
      'entities[0].organization.nome: no such key; allowed in entities[0].organization: name, displayName, url',
    ],
    ['a text for a number', ['listen', 'port'], '3000', 'listen.port: found "3000"; allowed: a number'],
    ['a text for a switch', ['behindProxy'], 'yes', 'behindProxy: found "yes"; allowed: true or false'],
    ['a wrong choice', ['sources', 'spid', 'binding'], 'soap', 'sources.spid.binding: found "soap"'],
    [
      'metrics that others can reach without a token',
      ['metrics'],
      { host: '0.0.0.0' },
      'metrics.token: found nothing; allowed: a secret of your choice',
    ],
    [
      'a number out of bounds',
      ['sources', 'spid', 'skewSeconds'],
      600,
      'sources.spid.skewSeconds: found 600; allowed: 0 to 180 seconds',
    ],
    [
      'a session longer than allowed',
      ['sessions', 'level2Minutes'],
      1000,
      'sessions.level2Minutes: found 1000; allowed: 0 to 240 minutes',
    ],
    ['a missing section', ['brand'], undefined, 'brand: found nothing'],
    [
      'a leniency that does not exist',
      ['sources', 'spid', 'exceptions'],
      { 'https://idp.example.it': { lenient: ['signature'] } },
      'sources.spid.exceptions.https://idp.example.it.lenient[0]: found "signature"; allowed: issuer-format, empty-values, schema',
    ],
    [
      'a provider for tests that is let off something',
      ['sources', 'spid'],
      {
        identityProviders: { test: ['https://validator.example.it'] },
        exceptions: { 'https://validator.example.it': { lenient: ['schema'] } },
      },
      'allowed: lenient for no provider of identityProviders.test',
    ],
    [
      'an attribute that does not exist',
      ['clients', 0, 'attributes', 0, 'name'],
      'shoeSize',
      'clients[0].attributes[0].name: found "shoeSize"; allowed: spidCode',
    ],
    [
      'a level that does not exist',
      ['clients', 0, 'minimumLevel'],
      4,
      'clients[0].minimumLevel: found 4; allowed: 1, 2 or 3',
    ],
  ] as const)('refuses %s, naming file, key, value and what is allowed', (_what, path, value, message) => {
    expect(() => load(changed(path, value))).toThrow(message);
    expect(() => load(changed(path, value))).toThrow(join(directory, 'gateway.yaml'));
  });

  it('says all faults at once, and never shows a secret', () => {
    const text = changed(['keys', 'passphrase'], 12345).replace('binding: post', 'binding: soap');
    expect(() => load(text)).toThrow(
      /keys\.passphrase: found a value \(not shown\)[\s\S]*sources\.spid\.binding/,
    );
    const secret = 'postgres://gateway:geheim@db.example.it/gateway';
    for (const [path, value] of [
      [['stores'], { url: secret }],
      [['store'], { url: secret, urls: secret }],
      [['store'], secret],
      [['keys'], ['geheim']],
      [['keys', 'passphrases'], 'geheim'],
    ] as const)
      expect(() => load(changed(path, value))).toThrow(/^(?![^]*geheim)/);
  });

  it('says which variable or file a secret is missing from', () => {
    expect(() => load(example, {})).toThrow('GATEWAY_KEYS_PASSPHRASE is not set');
    expect(() => load(changed(['keys', 'passphrase'], { file: 'nowhere' }))).toThrow(
      'nowhere cannot be read',
    );
  });

  it('takes a web proxy with its credentials from the environment, and never shows a wrong one', () => {
    const proxied = (url: string) =>
      load(changed(['outbound'], { proxy: { env: 'HTTPS_PROXY' } }), { ...environment, HTTPS_PROXY: url });
    expect(proxied('http://user:geheim@proxy.example.it:3128')).toMatchObject({
      outbound: { url: 'http://user:geheim@proxy.example.it:3128', exceptions: [] },
    });
    for (const url of [
      'socks5://user:geheim@proxy.example.it',
      'geheim@proxy.example.it:3128',
      'http:///geheim',
    ])
      expect(() => proxied(url)).toThrow(/^(?![^]*geheim)[^]*outbound\.proxy: allowed: http/);
    expect(() => load(changed(['outbound'], { proxy: 'http://p', noProxy: ['a, b'] }))).toThrow(
      'outbound.noProxy',
    );
  });

  it('says where a file is missing or is no YAML', () => {
    expect(() => loadConfiguration(join(directory, 'none.yaml'), {})).toThrow(
      'cannot be read. Make one with: npm run gateway -- init',
    );
    expect(() => load('a: [')).toThrow('gateway.yaml');
    expect(() => load('a: 1\na: 2')).toThrow('gateway.yaml');
  });

  it.each([
    [
      'an entityID elsewhere',
      ['entities', 0, 'entityId'],
      'https://elsewhere.example.it/spid',
      /entities\[0\]\.entityId: found https:\/\/elsewhere.*spid-sp-metadata 1/,
    ],
    [
      'a reserved index',
      ['entities', 0, 'attributeSets', 0, 'index'],
      99,
      /attributeSets\[0\]\.index: found 99.*reserved/,
    ],
    [
      'a personal plus-address',
      ['entities', 0, 'contact', 'email'],
      'a+b@example.it',
      /contact\.email: found a\+b@example\.it/,
    ],
    ['a client of no entity', ['clients', 0, 'entity'], 'nobody', /clients\[0\]\.entity: found "nobody"/],
    [
      'an http redirect URI',
      ['clients', 0, 'redirectUris'],
      ['http://suap.example.it/'],
      /clients\[0\]\.redirectUris\[0\].*https/,
    ],
    [
      'a redirect URI with a fragment',
      ['clients', 0, 'redirectUris'],
      ['https://suap.example.it/#x'],
      /without fragment/,
    ],
    [
      'an attribute outside every set',
      ['clients', 0, 'attributes', 0, 'name'],
      'gender',
      /clients\[0\]\.attributes.*ask for less, or declare a further set/,
    ],
    [
      'a client without its secret',
      ['clients', 0, 'secrets'],
      [],
      /clients\[0\]\.secrets.*at least one secret/,
    ],
  ] as const)(
    'refuses to start with %s, citing the rule, before anything is written',
    async (_what, path, value, message) => {
      const options = { clock: systemClock, log: createLog({ level: 'silent' }) };
      await expect(startGateway(load(changed(path, value)), options)).rejects.toThrow(message);
    },
  );
});
