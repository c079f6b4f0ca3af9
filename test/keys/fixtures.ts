import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { CertificateSubject } from '../../src/keys/certificate.ts';
import { createKeys, type KeyCreation } from '../../src/keys/directory.ts';

export const PASSPHRASE = 'a passphrase with blanks, à and €';
export const NOW = new Date('2026-11-23T10:00:00.987Z');

export const SUBJECT: CertificateSubject = {
  commonName: "Unione Valle d'Esempio",
  organizationName: "Unione dei Comuni della Valle d'Esempio",
  entityId: 'https://accesso.unione.example.it/spid',
  ipaCode: 'udc_vdes',
  locality: 'Forlì',
};

/** An empty directory that is gone after the test. */
export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function creation(change: Partial<KeyCreation> = {}): KeyCreation {
  return {
    passphrase: PASSPHRASE,
    certificates: { unione: SUBJECT },
    rsaBits: 2048,
    years: 2,
    clock: { now: () => NOW },
    ...change,
  };
}

/**
 * Directories with every key of one entity: copies of one that is made once for the file, since making takes longer
 * than copying.
 */
export function keyDirectories(): () => string {
  const original = mkdtempSync(join(tmpdir(), 'keys-'));
  beforeAll(() => createKeys(original, creation()));
  afterAll(() => rmSync(original, { recursive: true, force: true }));
  return () => {
    const copy = emptyDirectory();
    cpSync(original, copy, { recursive: true });
    return copy;
  };
}
