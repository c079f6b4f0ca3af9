import { createPrivateKey } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../src/config/schema.ts';
import { certificateSubjects } from '../../src/entities/certificate-subject.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { createKeys } from '../../src/keys/directory.ts';
import { certificateFor } from '../../src/keys/new-keys.ts';
import { openPrivateKey } from '../../src/keys/private-key.ts';
import { systemClock } from '../../src/operations/clock.ts';

/** SAML keys that are shared: for as many bodies. */
const BODIES = ['first', 'second', 'third'];

/**
 * Keys for a test gateway, as `keys create` would make them. Finding primes and stretching the passphrase for every key
 * is half of what starting a gateway costs, so one run of the tests does it once: the gateways have the same keys, and
 * certificates of their own.
 */
export async function keysFor({ keys, entities }: Configuration): Promise<void> {
  const options = { passphrase: keys.passphrase, rsaBits: 2048, years: 1, clock: systemClock } as const;
  const subjects = Object.entries(certificateSubjects(entities as readonly EntityDeclaration[]));
  const run = process.env['TEST_KEYS'];
  if (run === undefined || subjects.length > BODIES.length) {
    await createKeys(keys.directory, { ...options, certificates: Object.fromEntries(subjects) });
    return;
  }
  const shared = await sharedKeys(run, keys.passphrase);
  mkdirSync(keys.directory, { recursive: true, mode: 0o700 });
  const copy = (from: string, to = from) => copyFileSync(join(shared, from), join(keys.directory, to));
  ['secrets.json', 'oidc-rs256.key.pem', 'oidc-es256.key.pem'].forEach((name) => copy(name));
  for (const [at, [id, subject]] of subjects.entries()) {
    copy(`saml-${BODIES[at]}.key.pem`, `saml-${id}.key.pem`);
    const privateKey = createPrivateKey(readFileSync(join(shared, `${BODIES[at]}.open.pem`)));
    const { name, content } = await certificateFor(`saml-${id}`, privateKey, subject, options);
    writeFileSync(join(keys.directory, name), content);
  }
}

/** The directory with the keys of a passphrase; whoever needs it first makes it. */
async function sharedKeys(run: string, passphrase: string): Promise<string> {
  const shared = join(run, Buffer.from(passphrase).toString('base64url'));
  if (existsSync(shared)) return shared;
  const unfinished = mkdtempSync(join(run, 'unfinished-'));
  const subject = {
    commonName: 'Test',
    organizationName: 'Test',
    entityId: 'https://test.example.it',
    ipaCode: 'c_test',
    locality: 'Roma',
  };
  await createKeys(unfinished, {
    passphrase,
    rsaBits: 2048,
    years: 1,
    clock: systemClock,
    certificates: Object.fromEntries(BODIES.map((body) => [body, subject])),
  });
  for (const body of BODIES) {
    const key = openPrivateKey(join(unfinished, `saml-${body}.key.pem`), { passphrase });
    writeFileSync(join(unfinished, `${body}.open.pem`), key.export({ type: 'pkcs8', format: 'pem' }));
  }
  try {
    renameSync(unfinished, shared);
  } catch {
    rmSync(unfinished, { recursive: true }); // another test file was first
  }
  return shared;
}
