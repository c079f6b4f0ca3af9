import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providerKey } from '../../support/spid-response.ts';
import type { VerifiedSignature } from '../verified.ts';

/** xmlsec1 as another implementation to ask. */
export interface Xmlsec {
  verifies(xml: string, signature: VerifiedSignature): boolean;
  stop(): void;
}

/** @throws Error when xmlsec1 is not installed */
export function openXmlsec(): Xmlsec {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-xmlsec-'));
  const [keyFile, file] = [join(directory, 'key.pem'), join(directory, 'message.xml')];
  const key = createPublicKey(providerKey.privateKey);
  writeFileSync(keyFile, key.export({ format: 'pem', type: 'spki' }));
  return {
    verifies(xml, { namespace, name, id }) {
      writeFileSync(file, xml);
      const { status, error } = spawnSync('xmlsec1', [
        '--verify',
        '--pubkey-pem',
        keyFile,
        '--enabled-key-data',
        'rsa',
        '--id-attr:ID',
        `${namespace}:${name}`,
        '--node-xpath',
        `//*[@ID='${id}']/*[local-name()='Signature']`,
        file,
      ]);
      if (error) throw error;
      return status === 0;
    },
    stop: () => rmSync(directory, { recursive: true }),
  };
}
