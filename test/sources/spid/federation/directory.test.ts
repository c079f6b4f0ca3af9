import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signEnveloped } from '../../../../src/saml/signature.ts';
import { mergeReadings, readDirectory } from '../../../../src/sources/spid/federation/directory.ts';
import { aggregateXml, newKey, providerXml, type TestKey } from '../fixtures.ts';

let key: TestKey;
let registry: TestKey;
beforeAll(async () => {
  [key, registry] = await Promise.all([newKey('idp'), newKey('registry')]);
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'providers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: string | Uint8Array) => writeFileSync(join(directory, name), content);
const provider = (entityId: string) =>
  providerXml({ entityId, keys: [{ use: 'signing', certificate: key.certificate }] });

const NOW = new Date('2026-03-05T18:00:00Z');

const load = (...signers: TestKey[]) => {
  const { reading, problems } = readDirectory(
    directory,
    signers.length > 0 ? signers.map(({ publicKey }) => publicKey) : undefined,
    NOW,
  );
  const merged = mergeReadings(reading);
  const ids = merged.providers.map(({ entityId }) => entityId);
  return { reading, providers: merged.providers, problems: [...problems, ...merged.problems], ids };
};

describe('the directory of identity providers', () => {
  it('gives the providers of all its metadata files, in the order of their names', () => {
    file('b.xml', provider('https://b.example.it'));
    file('a.xml', aggregateXml([provider('https://a1.example.it'), provider('https://a2.example.it')]));
    file('readme.txt', 'not metadata');
    const { providers, problems, ids } = load();
    expect(ids).toEqual(['https://a1.example.it', 'https://a2.example.it', 'https://b.example.it']);
    expect(problems).toEqual([]);
    expect(providers[1]?.singleSignOn.post).toBe('https://a2.example.it/sso/post');
  });

  it('keeps the first file that describes a provider, believes none that does so twice, and reports both', () => {
    file('1.xml', provider('https://a.example.it'));
    file('2.xml', provider('https://a.example.it').replaceAll('/sso/', '/other/'));
    file('3.xml', aggregateXml([provider('https://b.example.it'), provider('https://b.example.it')]));
    const { providers, problems } = load();
    expect(providers.map(({ singleSignOn }) => singleSignOn.post)).toEqual(['https://a.example.it/sso/post']);
    expect(problems).toEqual([
      { file: '3.xml', problem: 'https://b.example.it: left out: listed more than once' },
      { file: '2.xml', problem: 'https://a.example.it: known already, the first one stays' },
    ]);
  });

  it('loses nothing else to a file that cannot be read', () => {
    file('1.xml', 'not XML');
    file('2.xml', Buffer.from(provider('https://a.example.it'), 'utf16le'));
    mkdirSync(join(directory, '3.xml'));
    file('4.xml', '');
    file('5.xml', `<a>${' '.repeat(4 * 1024 * 1024)}</a>`);
    file('6.xml', provider('https://good.example.it'));
    const { problems, ids } = load();
    expect(ids).toEqual(['https://good.example.it']);
    expect(problems.map((problem) => problem.file)).toEqual(['1.xml', '2.xml', '3.xml', '4.xml', '5.xml']);
  });

  it('takes only what a trusted signer signed, when signers are given', () => {
    file('1.xml', provider('https://unsigned.example.it'));
    file('2.xml', signEnveloped(aggregateXml([provider('https://signed.example.it')]), registry, 'first'));
    const { problems, ids } = load(registry);
    expect(ids).toEqual(['https://signed.example.it']);
    expect(problems).toEqual([{ file: '1.xml', problem: 'the metadata is not signed by a trusted signer' }]);
  });

  it('trusts nobody when the list of signers is empty', () => {
    file('1.xml', signEnveloped(aggregateXml([provider('https://signed.example.it')]), registry, 'first'));
    const { reading, problems } = readDirectory(directory, [], NOW);
    expect([reading.size, problems.length]).toEqual([0, 1]);
  });

  it('goes on with what a file said before when the file has become bad', () => {
    file('1.xml', provider('https://a.example.it'));
    file('2.xml', provider('https://b.example.it'));
    const { reading } = load();
    file('1.xml', provider('https://a.example.it').slice(0, 300));
    file('2.xml', provider('https://b.example.it').replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/s, ''));
    const again = readDirectory(directory, undefined, NOW, reading);
    expect(mergeReadings(again.reading).providers).toHaveLength(2);
    expect(again.problems).toEqual([
      { file: '1.xml', problem: 'not well-formed XML; what it said before stays in use' },
      {
        file: '2.xml',
        problem: 'it lists no identity provider that can be used; what it said before stays in use',
      },
      {
        file: '2.xml',
        problem: 'https://b.example.it has lost all its signing keys; what it said before stays in use',
      },
    ]);
  });

  it('lets go of a file that was taken away', () => {
    file('1.xml', provider('https://a.example.it'));
    const { reading } = load();
    rmSync(join(directory, '1.xml'));
    expect(readDirectory(directory, undefined, NOW, reading).reading.size).toBe(0);
  });

  it('has to exist', () => {
    const missing = join(directory, 'missing');
    expect(() => readDirectory(missing, undefined, NOW)).toThrowError(
      expect.objectContaining({
        name: 'Misconfigured',
        code: 'providers_missing',
        message: expect.stringContaining(missing) as string,
      }) as Error,
    );
  });
});
