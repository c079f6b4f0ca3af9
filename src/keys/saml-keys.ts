import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';
import { certificateFacts, type CertificateFacts } from './certificate.ts';
import { readKeyFile, refuseIfShared, RETIRED } from './files.ts';
import type { Passphrases } from './passphrases.ts';
import { openPrivateKey, refuseUnlessRsa } from './private-key.ts';

/** A SAML signing key with its certificate. */
export interface SamlKey {
  /** First part of its files' names: `saml-unione`, after a rollover `saml-unione.2`. */
  readonly name: string;
  readonly privateKey: KeyObject;
  /** DER, base64 on one line. */
  readonly certificate: string;
  readonly facts: CertificateFacts;
}

/** A short entity id, as in the configuration; here it becomes part of a file's name. */
const ENTITY_ID = /^[a-z][a-z0-9_-]{0,39}$/;
/** `saml-unione.key.pem`, `saml-unione.2.key.pem`. No id has a dot in it. */
const KEY_FILE = /^(saml-([a-z][a-z0-9_-]*)(?:\.([2-9]|[1-9]\d+))?)\.key\.pem$/;

/**
 * The SAML keys of a directory: one for each entity, two while one takes the place of the other. Opened once; a new
 * key is found without a restart.
 */
export class SamlKeys {
  readonly #directory: string;
  readonly #passphrases: Passphrases;
  readonly #opened = new Map<string, SamlKey>();
  #byId = new Map<string, readonly SamlKey[]>();

  /** @throws Misconfigured when a file is missing, readable by others, opens not with the passphrase or does not fit */
  constructor(directory: string, passphrases: Passphrases) {
    this.#directory = directory;
    this.#passphrases = passphrases;
    this.reload();
  }

  /** Oldest first. */
  of(entityId: string): readonly SamlKey[] {
    return this.#byId.get(entityId) ?? [];
  }

  /** @throws Misconfigured `keys_missing` when the entity has no key */
  newest(entityId: string): SamlKey {
    const key = this.of(entityId).at(-1);
    if (key) return key;
    throw new Misconfigured(
      'keys_missing',
      `keys.directory: ${this.#directory} holds no saml-${entityId}.key.pem; make it with: npm run gateway -- keys create`,
    );
  }

  ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /** Looks for keys that were added or retired since. Throws as the constructor does. */
  reload(): void {
    const byId = new Map<string, SamlKey[]>();
    const files = keyFiles(this.#directory);
    for (const { name, entityId, pending } of files) {
      if (pending) continue;
      const key = this.#opened.get(name) ?? openSamlKey(this.#directory, name, this.#passphrases);
      this.#opened.set(name, key);
      byId.set(entityId, [...(byId.get(entityId) ?? []), key]);
    }
    this.#byId = byId;
  }
}

interface KeyFile {
  readonly name: string;
  readonly entityId: string;
  /** Waits for the certificate that was asked for. */
  readonly pending: boolean;
}

/** Keys by entity and age: the number in the name grows. */
export function keyFiles(directory: string): KeyFile[] {
  return readdirSync(directory)
    .flatMap((file) => {
      const [, name = '', entityId = '', number = '1'] = KEY_FILE.exec(file) ?? [];
      if (!name) return [];
      const there = (ending: string) => existsSync(join(directory, `${name}.${ending}.pem`));
      return [{ name, entityId, number: Number(number), pending: !there('crt') && there('csr') }];
    })
    .sort((a, b) => a.number - b.number);
}

/**
 * The name that the next key of an entity gets. Numbers of retired keys are not given again.
 * @throws Misconfigured `keys_name` when the id cannot be part of a file's name
 */
export function nextKeyName(directory: string, entityId: string): string {
  if (!ENTITY_ID.test(entityId))
    throw new Misconfigured('keys_name', `entity "${entityId}": not a short id such as "unione"`);
  const retired = join(directory, RETIRED);
  const taken = new Set([...readdirSync(directory), ...(existsSync(retired) ? readdirSync(retired) : [])]);
  for (let number = 1; ; number++) {
    const name = number === 1 ? `saml-${entityId}` : `saml-${entityId}.${number}`;
    if (![...taken].some((file) => file.startsWith(`${name}.`) && !/^\d/.test(file.slice(name.length + 1))))
      return name;
  }
}

/** Puts a key's files aside. Nothing is deleted. */
export function retireKey(directory: string, name: string): void {
  const aside = join(directory, RETIRED);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const ending of ['csr', 'crt', 'key']) {
    const file = `${name}.${ending}.pem`;
    if (existsSync(join(directory, file))) renameSync(join(directory, file), join(aside, file));
  }
}

function openSamlKey(directory: string, name: string, passphrases: Passphrases): SamlKey {
  const [keyFile, certificateFile] = [join(directory, `${name}.key.pem`), join(directory, `${name}.crt.pem`)];
  refuseIfShared(keyFile);
  const privateKey = openPrivateKey(keyFile, passphrases);
  refuseUnlessRsa(keyFile, privateKey);
  const certificate = readCertificate(certificateFile);
  if (!certificate.publicKey.equals(createPublicKey(privateKey))) {
    throw new Misconfigured('keys_mismatch', `${certificateFile}: is not the certificate of ${keyFile}`);
  }
  return {
    name,
    privateKey,
    certificate: certificate.raw.toString('base64'),
    facts: certificateFacts(certificate),
  };
}

/** @throws Misconfigured `keys_missing`, `keys_damaged` */
export function readCertificate(file: string): X509Certificate {
  const text = readKeyFile(file);
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new Misconfigured('keys_damaged', `${file}: not a certificate in PEM`, { cause });
  }
}
