import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKeys, loadKeys, type KeyRing } from '../../src/keys/directory.ts';
import { masterKeyOf } from '../../src/keys/master-key.ts';
import type { Passphrases } from '../../src/keys/passphrases.ts';
import { openPrivateKey } from '../../src/keys/private-key.ts';
import { rewrapFiles, wrappedFiles } from '../../src/keys/rewrap.ts';
import { addKey } from '../../src/keys/rollover.ts';
import { addTurns, setAside } from '../../src/keys/rotation.ts';
import { openSecretsFile } from '../../src/keys/secrets-file.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { creation, emptyDirectory, keyDirectories, NOW, PASSPHRASE, SUBJECT } from './fixtures.ts';

const NEW = 'another passphrase, long enough';
const OLD_ONLY = { passphrase: PASSPHRASE };
const BOTH = { passphrase: NEW, previousPassphrase: PASSPHRASE };
const SOON = new Date('2026-11-24T10:00:00.000Z');

/** What must stay the same whatever the passphrase is. */
function contentsOf(ring: KeyRing): unknown {
  return {
    inventory: ring.inventory(NOW),
    signing: ring.rotating.at(NOW),
    subject: ring.subject('suap', 'a person'),
    person: ring.personHash.candidates('a person'),
    derived: ring.derived('a purpose'),
  };
}

describe('Another passphrase for keys that exist', () => {
  const keyDirectory = keyDirectories();
  const next = (passphrases: Passphrases = OLD_ONLY) => ({
    uses: ['oidc-es256', 'cookies'] as const,
    from: SOON,
    now: NOW,
    ...passphrases,
  });

  /** Keys that sign, that will, that wait for their certificate, and that were put aside. */
  async function busyDirectory(): Promise<string> {
    const directory = keyDirectory();
    await addTurns(directory, next());
    setAside(directory, 'oidc-es256.key.pem');
    cpSync(
      join(directory, 'cookies.20261124T100000Z.json'),
      join(directory, 'retired/cookies.20261123T100000Z.json'),
    );
    cpSync(join(directory, 'oidc-rs256.key.pem'), join(directory, 'saml-unione.2.key.pem'));
    writeFileSync(join(directory, 'saml-unione.2.csr.pem'), 'a request');
    return directory;
  }

  it('opens everything that the old one opened, and the old one nothing any more', async () => {
    const directory = await busyDirectory();
    const sealed = loadKeys(directory, OLD_ONLY).cipher.seal(Buffer.from('a name'), 'here');
    // Made long ago: when the next key is due counts from this.
    utimesSync(join(directory, 'oidc-rs256.key.pem'), SOON, new Date('2026-08-01T10:00:00.000Z'));
    const before = contentsOf(loadKeys(directory, OLD_ONLY));
    const written = rewrapFiles(directory, BOTH);
    expect(written[0]).toBe('secrets.json');
    expect(written.slice(1).sort()).toEqual([
      'cookies.20261124T100000Z.json',
      'oidc-es256.20261124T100000Z.key.pem',
      'oidc-rs256.key.pem',
      'retired/cookies.20261123T100000Z.json',
      'retired/oidc-es256.key.pem',
      'saml-unione.2.key.pem',
      'saml-unione.key.pem',
    ]);
    const ring = loadKeys(directory, { passphrase: NEW });
    expect(contentsOf(ring)).toEqual(before);
    expect(ring.cipher.open(sealed, 'here').toString()).toBe('a name');
    for (const { wrapping, name } of wrappedFiles(directory, OLD_ONLY))
      expect([name, wrapping]).toEqual([name, 'neither']);
    expect(() => loadKeys(directory, OLD_ONLY)).toThrow(expect.objectContaining({ code: 'keys_locked' }));
    expect(rewrapFiles(directory, BOTH)).toEqual([]);
  });

  it('leaves what opens with neither as it is, and names it', async () => {
    const directory = await busyDirectory();
    const stranger = join(directory, 'retired/saml-old.key.pem');
    const other = emptyDirectory();
    await createKeys(other, creation({ passphrase: 'a passphrase of years ago' }));
    cpSync(join(other, 'saml-unione.key.pem'), stranger);
    const before = readFileSync(stranger);
    rewrapFiles(directory, BOTH);
    expect(readFileSync(stranger)).toEqual(before);
    expect(wrappedFiles(directory, BOTH).filter(({ wrapping }) => wrapping !== 'present')).toEqual([
      { name: 'retired/saml-old.key.pem', wrapping: 'neither' },
    ]);
  });

  it('takes drafts with it that a killed process left, for keys are in them that the old one opens', () => {
    const directory = keyDirectory();
    const [left, live] = ['0', '1'].map((digit) => join(directory, `.${digit.repeat(16)}.draft`));
    cpSync(join(directory, 'oidc-rs256.key.pem'), left ?? '');
    cpSync(join(directory, 'oidc-rs256.key.pem'), live ?? '');
    utimesSync(left ?? '', NOW, new Date('2026-01-01T10:00:00.000Z'));
    // Of a process that writes right now.
    const now = new Date(NOW.getTime() + 365 * 24 * 60 * 60 * 1000);
    utimesSync(live ?? '', now, now);
    rewrapFiles(directory, BOTH);
    expect(readdirSync(directory).filter((name) => name.endsWith('.draft'))).toEqual([
      `.${'1'.repeat(16)}.draft`,
    ]);
  });

  it("is the one that new keys get once it is the directory's; until then they get the old one, which all know", async () => {
    const directory = keyDirectory();
    await addTurns(directory, next(BOTH));
    await addKey({ directory, ...BOTH, entityId: 'unione', subject: SUBJECT }, creation());
    expect(wrappedFiles(directory, BOTH).filter(({ wrapping }) => wrapping === 'present')).toEqual([]);
    loadKeys(directory, OLD_ONLY);
    rewrapFiles(directory, BOTH);
    const later = new Date(SOON.getTime() + 60_000);
    await addTurns(directory, { ...next(BOTH), from: later });
    loadKeys(directory, { passphrase: NEW });
  });

  it('keeps a process that was not told of it from making keys that nobody else opens', async () => {
    const directory = keyDirectory();
    rewrapFiles(directory, BOTH);
    const before = readdirSync(directory);
    await expect(addTurns(directory, next())).rejects.toMatchObject({ code: 'keys_locked' });
    await expect(createKeys(directory, creation())).rejects.toMatchObject({ code: 'keys_locked' });
    expect(readdirSync(directory)).toEqual(before);
  });

  it('leaves a process that was not told of it with every key that it knew', async () => {
    const directory = keyDirectory();
    const ring = loadKeys(directory, OLD_ONLY);
    const before = contentsOf(ring);
    rewrapFiles(directory, BOTH);
    ring.saml.reload();
    ring.rotating.reload();
    expect(contentsOf(ring)).toEqual(before);
    await addTurns(directory, next(BOTH));
    expect(() => ring.rotating.reload()).toThrow(expect.objectContaining({ code: 'keys_locked' }));
    expect(contentsOf(ring)).toEqual(before);
  });

  it('goes with whoever was interrupted: at any moment both passphrases open all, and called again it ends', () => {
    const original = emptyDirectory();
    for (const name of ['secrets.json', 'oidc-es256.key.pem'])
      cpSync(join(keyDirectory(), name), join(original, name));
    const [master = '', previous = ''] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const contents = (directory: string, passphrases: Passphrases, register: RegisterKeys) => ({
      secrets: openSecretsFile(join(directory, 'secrets.json'), passphrases),
      key: openPrivateKey(join(directory, 'oidc-es256.key.pem'), passphrases).export({ format: 'jwk' }),
      register: register.of('unione').id,
    });
    const now = masterKeyOf(master, 'new');
    const then = masterKeyOf(previous, 'old');
    new RegisterKeys(original, then).begin('unione');
    const before = contents(original, OLD_ONLY, new RegisterKeys(original, then));
    const script = resolve(import.meta.dirname, '../support/rewrap-killed.ts');
    let killed = 0;
    for (; ; killed++) {
      const directory = emptyDirectory();
      cpSync(original, directory, { recursive: true, preserveTimestamps: true });
      const given = [directory, NEW, PASSPHRASE, master, previous, String(killed)];
      const run = spawnSync(process.execPath, [script].concat(given), { encoding: 'utf8' });
      if (run.signal !== 'SIGKILL') {
        expect(run).toMatchObject({ status: 0, stderr: '' });
        break;
      }
      const both = new RegisterKeys(directory, now, then);
      expect(contents(directory, BOTH, both), `killed before ${killed}`).toEqual(before);
      rewrapFiles(directory, BOTH);
      both.rewrap('unione');
      expect(contents(directory, { passphrase: NEW }, new RegisterKeys(directory, now))).toEqual(before);
    }
    // Three files, each opened, written, synced and renamed, and its directory synced.
    expect(killed).toBeGreaterThanOrEqual(15);
  }, 240_000);

  it("seals keys of the operator's own too, whatever they were encrypted with", () => {
    const directory = keyDirectory();
    const file = join(directory, 'saml-unione.key.pem');
    const key = openPrivateKey(file, OLD_ONLY);
    writeFileSync(
      file,
      key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }),
    );
    rewrapFiles(directory, BOTH);
    expect(openPrivateKey(file, { passphrase: NEW }).equals(key)).toBe(true);
  });
});
