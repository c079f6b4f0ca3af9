import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of the certificate AgID has signed its registry with since June 2024 (spid-registry-and-idps, 1.2). */
const FINGERPRINT =
  'A6:74:54:A2:60:79:5B:EA:0C:84:15:BD:D9:60:3A:6E:5B:10:B8:BB:EC:69:D5:DD:18:34:98:09:9E:A7:9E:5F';

/** Whose signature makes the registry's file AgID's, unless the configuration names others. */
export function registryCertificate(): X509Certificate {
  const file = join(import.meta.dirname, 'trust', 'agid-2024.crt.pem');
  const certificate = new X509Certificate(readFileSync(file));
  if (certificate.fingerprint256 !== FINGERPRINT) throw new Error(`${file} is not AgID's certificate`);
  return certificate;
}
