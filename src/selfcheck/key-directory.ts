import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { newSignerKey } from './provider.ts';
import type { SignerKey } from './signer.ts';

/**
 * The key of the test provider: the one of before, so that whoever trusts it has to be told once. It opens nothing
 * where test logins are closed.
 * @throws Misconfigured when the directory cannot be used
 */
export async function signerKeyIn(directory: string, entityId: string, clock: Clock): Promise<SignerKey> {
  const [keyFile, certificateFile] = [
    join(directory, 'selfcheck.key.pem'),
    join(directory, 'selfcheck.crt.pem'),
  ];
  try {
    if (existsSync(keyFile)) {
      const certificate = new X509Certificate(readFileSync(certificateFile));
      return {
        privateKey: createPrivateKey(readFileSync(keyFile)),
        certificate: certificate.raw.toString('base64'),
      };
    }
    const key = await newSignerKey(entityId, clock);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const certificate = new X509Certificate(Buffer.from(key.certificate, 'base64'));
    writeFileSync(certificateFile, certificate.toString());
    writeFileSync(keyFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    chmodSync(keyFile, 0o600);
    return key;
  } catch (cause) {
    throw new Misconfigured('check_keys', `--keys: ${directory} cannot be used: ${String(cause)}`, { cause });
  }
}
