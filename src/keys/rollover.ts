import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';
import { certificateRequest, type CertificateSubject } from './certificate.ts';
import { readKeyFile, writeNew } from './files.ts';
import { generate, newSamlKey, refuseUnfit, type CertificateCreation } from './new-keys.ts';
import type { Passphrases } from './passphrases.ts';
import { openPrivateKey, refuseUnlessRsa, sealPrivateKey } from './private-key.ts';
import { keyFiles, nextKeyName, readCertificate } from './saml-keys.ts';
import { presentPassphrase } from './secrets-file.ts';

/** Which key directory, and for which entity a key is meant. */
export interface KeyPlace extends Passphrases {
  readonly directory: string;
  /** Short id of an entity that has keys of its own. */
  readonly entityId: string;
  readonly subject: CertificateSubject;
}

/**
 * Makes a further key with a self-signed certificate beside those there are. It signs nothing before metadata with it
 * is in force (spid-sp-metadata, 7).
 * @returns the name of the key
 * @throws Misconfigured `certificate_invalid`; then nothing was written
 */
export async function addKey(
  place: KeyPlace,
  options: Omit<CertificateCreation, keyof Passphrases>,
): Promise<string> {
  const passphrase = presentPassphrase(place.directory, place);
  const name = nextKeyName(place.directory, place.entityId);
  const files = await newSamlKey(name, place.subject, { ...options, passphrase });
  for (const file of files.toReversed()) writeNew(join(place.directory, file.name), file.content);
  return name;
}

/**
 * Makes a further key and the request for its certificate. Until the certificate is imported the key does not exist for
 * the gateway.
 * @returns name of the key, and the request: PKCS#10 in PEM
 */
export async function requestCertificate(
  { directory, entityId, subject, ...passphrases }: KeyPlace,
  rsaBits: CertificateCreation['rsaBits'],
): Promise<{ name: string; request: string }> {
  const passphrase = presentPassphrase(directory, passphrases);
  const name = nextKeyName(directory, entityId);
  const { privateKey } = await generate('rsa', { modulusLength: rsaBits });
  const request = `${await certificateRequest(subject, privateKey)}\n`;
  // The request first: a key without certificate and without request would count as damaged.
  writeNew(join(directory, `${name}.csr.pem`), request);
  writeNew(join(directory, `${name}.key.pem`), sealPrivateKey(privateKey, passphrase));
  return { name, request };
}

/**
 * Takes in a certificate: for a key that waits for it, or together with its key.
 * @param keyFile PEM, encrypted with the directory's passphrase or not at all
 * @returns the name of the key
 * @throws Misconfigured `certificate_invalid` (a rule of AgID's is broken, or it is not valid now), `keys_mismatch`,
 *   `keys_weak`, `keys_missing`; then nothing was written
 */
export async function importCertificate(
  place: KeyPlace,
  certificateFile: string,
  keyFile: string | undefined,
  now: Date,
): Promise<string> {
  const { directory, entityId, subject } = place;
  const certificate = readCertificate(certificateFile);
  const fits = (key: KeyObject) => certificate.publicKey.equals(createPublicKey(key));
  await refuseUnfit(certificateFile, certificate.raw, subject, now);
  if (keyFile === undefined) {
    const waiting = keyFiles(directory).filter((file) => file.entityId === entityId && file.pending);
    const match = waiting.find(({ name }) => fits(openPrivateKey(join(directory, `${name}.key.pem`), place)));
    if (!match) throw mismatch(certificateFile, `a key of ${entityId} that waits for a certificate`);
    writeNew(join(directory, `${match.name}.crt.pem`), certificate.toString());
    return match.name;
  }
  const passphrase = presentPassphrase(directory, place);
  const key = readPrivateKey(keyFile, passphrase);
  refuseUnlessRsa(keyFile, key);
  if (!fits(key)) throw mismatch(certificateFile, keyFile);
  const name = nextKeyName(directory, entityId);
  writeNew(join(directory, `${name}.crt.pem`), certificate.toString());
  writeNew(join(directory, `${name}.key.pem`), sealPrivateKey(key, passphrase));
  return name;
}

function mismatch(certificateFile: string, key: string): Misconfigured {
  return new Misconfigured('keys_mismatch', `${certificateFile}: is not the certificate of ${key}`);
}

function readPrivateKey(file: string, passphrase: string): KeyObject {
  const pem = readKeyFile(file);
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch (cause) {
    throw new Misconfigured(
      'keys_locked',
      `${file}: no private key in PEM that opens, encrypted with the passphrase in keys.passphrase or not at all`,
      { cause },
    );
  }
}
