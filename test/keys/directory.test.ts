import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  scryptSync,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { createKeys, loadKeys } from '../../src/keys/directory.ts';
import { cipherOf } from '../../src/keys/cipher.ts';
import { creation, emptyDirectory, keyDirectories, NOW, PASSPHRASE, SUBJECT } from './fixtures.ts';

const keyDirectory = keyDirectories();

const load = (directory: string) => loadKeys(directory, { passphrase: PASSPHRASE });

function contents(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}

interface SecretsText {
  salt: string;
  secrets: Record<string, { id: string; created: string; sealed: string }[]>;
}

function changeSecrets(directory: string, change: (secrets: SecretsText) => void): void {
  const file = join(directory, 'secrets.json');
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as SecretsText;
  change(secrets);
  writeFileSync(file, JSON.stringify(secrets));
}

/** What a rotation puts in front, made as the file's format says. */
function newEntry(salt: string, use: string): SecretsText['secrets'][string][number] {
  const id = randomBytes(6).toString('hex');
  const key = scryptSync(PASSPHRASE, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
  const sealed = cipherOf([{ id: 'passphrase', key }]).seal(randomBytes(32), `secret:${use}:${id}`);
  return { id, created: NOW.toISOString(), sealed: Buffer.from(sealed).toString('base64') };
}

describe('derived secrets', () => {
  it('are the same at every opening, differ by purpose, and outlive a rotation behind a new one', () => {
    const directory = keyDirectory();
    const [secret] = load(directory).derived('client:a');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(load(directory).derived('client:a')).toEqual([secret]);
    expect(load(directory).derived('client:b')).not.toContain(secret);
    changeSecrets(directory, ({ salt, secrets }) => secrets['cookies']?.unshift(newEntry(salt, 'cookies')));
    const [newest, older] = load(directory).derived('client:a');
    expect(older).toBe(secret);
    expect(newest).not.toBe(secret);
  });
});

describe('creating keys', () => {
  it('makes a directory for its owner alone, and leaves no drafts', async () => {
    const directory = join(emptyDirectory(), 'deep', 'keys');
    const written = await createKeys(directory, creation());
    expect(written).toEqual([
      'oidc-es256.key.pem',
      'oidc-rs256.key.pem',
      'saml-unione.crt.pem',
      'saml-unione.key.pem',
      'secrets.json',
    ]);
    expect(readdirSync(directory).sort()).toEqual(written);
    const modes = [directory, ...written.map((name) => join(directory, name))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600, 0o600]);
  });

  it('writes no private key that opens without the passphrase', () => {
    for (const [name, text] of Object.entries(contents(keyDirectory()))) {
      if (!name.endsWith('.key.pem')) continue;
      expect(() => createPrivateKey(text), name).toThrow();
      expect(() => createPrivateKey({ key: text, passphrase: 'another' }), name).toThrow();
      expect(createPrivateKey({ key: text, passphrase: PASSPHRASE }).type, name).toBe('private');
    }
  });

  it('changes nothing when everything is there', async () => {
    const directory = keyDirectory();
    const before = contents(directory);
    expect(await createKeys(directory, creation())).toEqual([]);
    expect(contents(directory)).toEqual(before);
  });

  it('adds the key of an entity that is new, and touches no other', async () => {
    const directory = keyDirectory();
    const before = contents(directory);
    const comune = {
      ...SUBJECT,
      entityId: 'https://accesso.unione.example.it/spid/comune',
      ipaCode: 'c_x000',
    };
    const written = await createKeys(directory, creation({ certificates: { unione: SUBJECT, comune } }));
    expect(written).toEqual(['saml-comune.crt.pem', 'saml-comune.key.pem']);
    expect(contents(directory)).toMatchObject(before);
    expect(load(directory).saml.newest('comune').facts.subject).toContain('PA:IT-c_x000');
  });

  it('certifies a key again when only its certificate was removed', async () => {
    const directory = keyDirectory();
    const before = load(directory).saml.newest('unione');
    rmSync(join(directory, 'saml-unione.crt.pem'));
    expect(await createKeys(directory, creation())).toEqual(['saml-unione.crt.pem']);
    const after = load(directory).saml.newest('unione');
    expect(after.privateKey.equals(before.privateKey)).toBe(true);
    expect(after.certificate).not.toBe(before.certificate);
  });

  it('makes no new key for a certificate that lost its own', async () => {
    const directory = keyDirectory();
    rmSync(join(directory, 'saml-unione.key.pem'));
    await expect(createKeys(directory, creation())).rejects.toMatchObject({ code: 'keys_missing' });
    expect(existsSync(join(directory, 'saml-unione.key.pem'))).toBe(false);
  });

  it('makes no new secrets in the place of lost ones, which would rename every citizen', async () => {
    const directory = keyDirectory();
    rmSync(join(directory, 'secrets.json'));
    await expect(createKeys(directory, creation())).rejects.toMatchObject({ code: 'keys_missing' });
    expect(existsSync(join(directory, 'secrets.json'))).toBe(false);
  });

  it('never overwrites a file that appears while it works', async () => {
    const directory = emptyDirectory();
    const created = createKeys(directory, creation());
    writeFileSync(join(directory, 'oidc-rs256.key.pem'), 'made by another');
    await expect(created).rejects.toMatchObject({ code: 'keys_exist' });
    expect(readFileSync(join(directory, 'oidc-rs256.key.pem'), 'utf8')).toBe('made by another');
    expect(readdirSync(directory).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });

  it('writes nothing under another passphrase than the one in use', async () => {
    const directory = keyDirectory();
    rmSync(join(directory, 'oidc-es256.key.pem'));
    const before = contents(directory);
    await expect(createKeys(directory, creation({ passphrase: 'another' }))).rejects.toMatchObject({
      code: 'keys_locked',
    });
    expect(contents(directory)).toEqual(before);
  });

  it('writes nothing when a certificate would break a rule, and cites the rule', async () => {
    const directory = emptyDirectory();
    const certificates = { unione: { ...SUBJECT, ipaCode: 'with blank' } };
    await expect(createKeys(directory, creation({ certificates }))).rejects.toMatchObject({
      code: 'certificate_invalid',
      message: expect.stringMatching(
        /organizationIdentifier.*PA:IT-with blank.*spid-sp-metadata 5/s,
      ) as string,
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['../unione', 'Unione', 'a/b', '', 'a'.repeat(41)])(
    'refuses the entity id "%s" as a file name',
    async (id) => {
      const created = createKeys(emptyDirectory(), creation({ certificates: { [id]: SUBJECT } }));
      await expect(created).rejects.toMatchObject({ code: 'keys_name' });
    },
  );

  it('never gives two gateways the same secrets', async () => {
    const [first, second] = [keyDirectory(), emptyDirectory()];
    await createKeys(second, creation());
    const [one, other] = [load(first), load(second)];
    expect(one.subject('unione', 'person')).not.toBe(other.subject('unione', 'person'));
    expect(one.rotating.at(NOW).cookies).not.toEqual(other.rotating.at(NOW).cookies);
    expect(one.personHash.hash('value')).not.toBe(other.personHash.hash('value'));
    expect(() => other.cipher.open(one.cipher.seal(randomBytes(8), 'a'), 'a')).toThrow();
  });
});

describe('the key ring', () => {
  it('stays the same from one start to the next', () => {
    const directory = keyDirectory();
    const [first, second] = [load(directory), load(directory)];
    expect(second.cipher.open(first.cipher.seal(Buffer.from('kept'), 'a'), 'a').toString()).toBe('kept');
    expect(second.subject('unione', 'person')).toBe(first.subject('unione', 'person'));
    expect(second.personHash.hash('value')).toBe(first.personHash.hash('value'));
    expect(second.rotating.at(NOW).cookies).toEqual(first.rotating.at(NOW).cookies);
    expect(second.rotating.at(NOW).tokens).toEqual(first.rotating.at(NOW).tokens);
    expect(second.saml.newest('unione').certificate).toBe(first.saml.newest('unione').certificate);
  });

  it('gives a person another subject in every sector, of 256 bits, that no joining of names confuses', () => {
    const { subject } = load(keyDirectory());
    const subjects = [
      subject('a', 'bc'),
      subject('ab', 'c'),
      subject('', 'abc'),
      subject('a","b', 'c'),
      subject('a', 'b","c'),
    ];
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const value of subjects) expect(Buffer.from(value, 'base64url')).toHaveLength(32);
  });

  it.each(['RS256', 'ES256'])(
    'signs %s tokens that a stock verifier accepts by the public half',
    async (alg) => {
      const jwk = load(keyDirectory())
        .rotating.at(NOW)
        .tokens.find((key) => key.alg === alg) as JWK;
      const token = await new SignJWT({ sub: 'x' })
        .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
        .sign(await importJWK(jwk));
      const { kty, n, e, crv, x, y } = jwk;
      const publicHalf = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })) as JWK;
      expect((await jwtVerify(token, await importJWK(publicHalf, alg))).payload.sub).toBe('x');
      expect(jwk).toMatchObject({ use: 'sig', kid: await calculateJwkThumbprint(publicHalf) });
    },
  );

  it('holds the private half of each certificate, in the form SAML documents carry it', () => {
    const { privateKey, certificate, facts } = load(keyDirectory()).saml.newest('unione');
    const published = new X509Certificate(Buffer.from(certificate, 'base64'));
    const signature = sign('sha256', Buffer.from('request'), privateKey);
    expect(verify('sha256', Buffer.from('request'), published.publicKey, signature)).toBe(true);
    expect(certificate).toBe(published.raw.toString('base64'));
    expect(facts.fingerprint).toBe(published.fingerprint256.replaceAll(':', '').toLowerCase());
  });

  it('lists every key with its dates and nothing secret', () => {
    const ring = load(keyDirectory());
    expect(ring.inventory(NOW).map(({ kind }) => kind)).toEqual([
      'saml',
      'data',
      'person',
      'subject',
      'oidc',
      'oidc',
      'cookies',
    ]);
    expect(ring.inventory(NOW)[0]).toEqual({
      kind: 'saml',
      id: 'unione',
      created: new Date('2026-11-23T10:00:00Z'),
      expires: new Date('2028-11-22T10:00:00Z'),
      fingerprint: ring.saml.newest('unione').facts.fingerprint,
    });
    expect(ring.inventory(NOW).at(-1)?.created).toEqual(NOW);
    const shown = JSON.stringify(ring.inventory(NOW));
    for (const secret of [
      ...ring.rotating.at(NOW).cookies,
      ...ring.rotating.at(NOW).tokens.map(({ d }) => d ?? ''),
    ])
      expect(shown).not.toContain(secret);
  });

  it('uses the newest entry of a use and goes on understanding the older ones', () => {
    const directory = keyDirectory();
    const before = load(directory);
    const sealed = before.cipher.seal(Buffer.from('kept'), 'a');
    changeSecrets(directory, (file) => {
      for (const use of ['data', 'person', 'cookies']) file.secrets[use]?.unshift(newEntry(file.salt, use));
    });
    const after = load(directory);
    expect(after.cipher.open(sealed, 'a').toString()).toBe('kept');
    expect(() => before.cipher.open(after.cipher.seal(Buffer.from('new'), 'a'), 'a')).toThrow();
    expect(after.personHash.candidates('value').map(({ hash }) => hash)).toEqual([
      after.personHash.hash('value'),
      before.personHash.hash('value'),
    ]);
    expect(after.rotating.at(NOW).cookies.slice(1)).toEqual(before.rotating.at(NOW).cookies);
    expect(after.subject('unione', 'person')).toBe(before.subject('unione', 'person'));
  });
});

describe('a key directory that must not be used', () => {
  it('names the command when there are no keys', () => {
    const directory = emptyDirectory();
    expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_missing' }));
    expect(() => load(directory)).toThrow(/npm run gateway -- keys create/);
  });

  it.each(['secrets.json', 'saml-unione.key.pem', 'oidc-rs256.key.pem', 'oidc-es256.key.pem'])(
    'is refused when the group or others may read or write %s, with the chmod to run',
    (name) => {
      const directory = keyDirectory();
      const file = join(directory, name);
      for (const mode of [0o640, 0o604, 0o620, 0o602]) {
        chmodSync(file, mode);
        expect(() => load(directory), mode.toString(8)).toThrow(
          expect.objectContaining({ code: 'keys_readable' }),
        );
        expect(() => load(directory)).toThrow(`chmod 600 ${file}`);
      }
      chmodSync(file, 0o400);
      expect(load(directory).inventory(NOW)).not.toEqual([]);
    },
  );

  it('does not take a directory that it may not look into for an empty one', () => {
    const file = join(emptyDirectory(), 'keys');
    writeFileSync(file, '');
    expect(() => load(file)).toThrow(
      /cannot be read \(ENOTDIR\); the user that the gateway runs as has to own it/,
    );
  });

  it('is refused with a wrong passphrase, which is not repeated', () => {
    const directory = keyDirectory();
    const wrong = 'a wrong passphrase';
    const attempt = () => loadKeys(directory, { passphrase: wrong });
    expect(attempt).toThrow(expect.objectContaining({ code: 'keys_locked' }));
    expect(attempt).not.toThrow(wrong);
  });

  it.each(['oidc-rs256.key.pem', 'oidc-es256.key.pem', 'saml-unione.crt.pem'])(
    'is refused without %s',
    (name) => {
      const directory = keyDirectory();
      rmSync(join(directory, name));
      expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_missing' }));
    },
  );

  it('is refused when an entity has no key', () => {
    const ring = load(keyDirectory());
    expect(() => ring.saml.newest('comune')).toThrow(/saml-comune\.key\.pem; make it with/);
  });

  it('is refused when a certificate belongs to another key', () => {
    const directory = keyDirectory();
    rmSync(join(directory, 'saml-unione.key.pem'));
    copyFileSync(join(directory, 'oidc-rs256.key.pem'), join(directory, 'saml-unione.key.pem'));
    expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_mismatch' }));
  });

  it.each([
    [
      'saml-unione.key.pem',
      'an RSA key of 1024 bits',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
    ],
    ['saml-unione.key.pem', 'an EC key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    [
      'oidc-rs256.key.pem',
      'an RSA key of 1024 bits',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
    ],
    [
      'oidc-es256.key.pem',
      'an EC key on another curve',
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    ],
    ['oidc-es256.key.pem', 'an Ed25519 key', generateKeyPairSync('ed25519').privateKey],
  ])('is refused when %s is %s', (name, _what, key) => {
    const directory = keyDirectory();
    const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });
    writeFileSync(join(directory, name), pem);
    expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_weak' }));
  });

  it('is refused when a private key stands in clear', () => {
    const directory = keyDirectory();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(join(directory, 'oidc-rs256.key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_locked' }));
  });

  it.each<[string, string, (secrets: SecretsText) => void]>([
    [
      'keys_locked',
      'a secret was put in the place of another',
      ({ secrets }) => (secrets.data = secrets.person ?? []),
    ],
    ['keys_locked', 'the salt was changed', (file) => (file.salt = 'A'.repeat(22))],
    ['keys_damaged', 'a use has no secret', ({ secrets }) => (secrets.data = [])],
    ['keys_damaged', 'a use is missing', ({ secrets }) => delete secrets.cookies],
    [
      'keys_damaged',
      'there is a second subject secret',
      ({ secrets }) => secrets.subject?.push(...secrets.subject),
    ],
  ])('is refused (%s) when %s', (code, _what, change) => {
    const directory = keyDirectory();
    changeSecrets(directory, change);
    expect(() => load(directory)).toThrow(expect.objectContaining({ code }));
  });

  it('is refused when secrets.json is not JSON', () => {
    const directory = keyDirectory();
    writeFileSync(join(directory, 'secrets.json'), '{');
    expect(() => load(directory)).toThrow(expect.objectContaining({ code: 'keys_damaged' }));
  });
});
