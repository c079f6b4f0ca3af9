import { X509Certificate, type KeyObject } from 'node:crypto';
import { isLoopback } from '../../operations/loopback.ts';
import { NS } from '../../saml/names.ts';
import { formFault, isStrongKey, signatureParts, verifyEnveloped } from '../../saml/signature.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { ACTIVITY_CODES } from '../names.ts';
import { unless, type ExaminedMetadata, type MetadataRule, type Said } from './rule.ts';

const DOC = 'spid-sp-metadata';

/** Rules about the document as a whole: its identity, its parts, its signature (spid-sp-metadata, 1, 2 and 4). */
export const DOCUMENT_RULES: readonly MetadataRule[] = [
  {
    id: 'M3',
    rule: `${DOC} 1`,
    faults: ({ root }) =>
      unless(root.namespace === NS.md && root.name === 'EntityDescriptor', 'document', root.name, [
        'one-body',
      ]),
  },
  {
    id: 'M4',
    rule: `${DOC} 1`,
    faults: ({ root, production }) => {
      const found = root.attribute('entityID') ?? '';
      const allowed = entityIdFault(found, production);
      return allowed ? unless(false, 'EntityDescriptor/@entityID', found, allowed) : [];
    },
  },
  {
    id: 'M5',
    rule: `${DOC} 1`,
    faults: ({ root, role }) =>
      [root, role].flatMap((element) =>
        ['validUntil', 'cacheDuration'].flatMap((name) =>
          unless(
            element?.attribute(name) === undefined,
            `${element?.name}/@${name}`,
            element?.attribute(name),
            ['no-validity'],
          ),
        ),
      ),
  },
  {
    id: 'M6',
    rule: `${DOC} 2`,
    faults: ({ root }) => {
      const count = (name: string) => root.children(NS.md, name).length;
      const others = root.elements.filter(
        ({ name, namespace }) =>
          namespace === NS.md && /Descriptor$/.test(name) && name !== 'SPSSODescriptor',
      );
      if (count('SPSSODescriptor') === 0) {
        const found = others.map(({ name }) => name).join(', ');
        return unless(false, 'SPSSODescriptor', found, ['service-provider']);
      }
      return [
        ...unless(count('SPSSODescriptor') === 1, 'SPSSODescriptor', `${count('SPSSODescriptor')}`, [
          'exactly',
          '1',
        ]),
        ...unless(count('Organization') === 1, 'Organization', `${count('Organization')}`, ['exactly', '1']),
        ...others.flatMap(({ name }) => unless(false, name, ['present'], ['only-service-provider'])),
      ];
    },
  },
  {
    id: 'M7',
    rule: `${DOC} 4`,
    faults: (examined) => {
      const fault = signatureFault(examined);
      return unless(fault === undefined, 'Signature', fault, ['own-signature']);
    },
  },
  {
    id: 'M8',
    rule: `${DOC} 4`,
    faults: ({ root, now }) => {
      const certificate = signingCertificate(root);
      if (!certificate) return [];
      const expired = new Date(certificate.validTo) <= now;
      return [
        ...unless(isStrongKey(certificate.publicKey), 'Signature', ['weak-key'], ['rsa-2048']),
        ...unless(
          !expired,
          'Signature',
          ['expired', new Date(certificate.validTo).toISOString().slice(0, 10)],
          ['valid-certificate'],
        ),
      ];
    },
  },
  {
    id: 'M9',
    rule: 'spid-aggregator 2',
    faults: ({ root, profile }) => {
      const found = root.attribute('entityID') ?? '';
      const segments = URL.canParse(found) ? new URL(found).pathname.split('/') : [];
      if (profile === 'public') {
        const code = ACTIVITY_CODES.find((known) => segments.includes(known));
        return unless(code === undefined, 'EntityDescriptor/@entityID', found, ['no-activity-code']);
      }
      const code = profile === 'public-aggregator-full' ? 'pub-ag-full' : 'pub-ag-lite';
      return unless(segments.includes(code), 'EntityDescriptor/@entityID', found, ['activity-code', code]);
    },
  },
];

/** What an entityID would have to be; undefined when it is. */
function entityIdFault(found: string, production: boolean): Said | undefined {
  if (!URL.canParse(found) || found !== found.trim() || found.length > 1024) return ['absolute-address'];
  const { search, hash, username } = new URL(found);
  if (search || hash || username) return ['bare-address'];
  return addressFault(found, production);
}

/** An address in metadata: https without port. On this machine also http and ports, except in production. */
export function addressFault(found: string, production: boolean): Said | undefined {
  if (!URL.canParse(found)) return ['https-address'];
  const { protocol, hostname, port } = new URL(found);
  if (!production && isLoopback(hostname) && /^https?:$/.test(protocol)) return undefined;
  if (protocol !== 'https:') return ['https-address'];
  return port ? ['no-port'] : undefined;
}

function signatureFault({ document, root }: ExaminedMetadata): Said | undefined {
  const signatures = root.children(NS.ds, 'Signature');
  const [signature] = signatures;
  if (!signature || signatures.length > 1) return ['signatures', String(signatures.length)];
  if (root.elements[0] !== signature) return ['signature-not-first'];
  const fault = formFault(signatureParts(signature), root);
  if (fault) return ['signature-form', fault];
  const certificate = signingCertificate(root);
  if (!certificate) return ['signature-without-certificate'];
  return verifyEnveloped(document, root, [certificate.publicKey]) ? undefined : ['signature-wrong'];
}

/** The certificate that the signature carries. */
function signingCertificate(root: XmlElement): X509Certificate | undefined {
  const text = root.child(NS.ds, 'Signature')?.descendants(NS.ds, 'X509Certificate')[0]?.text;
  return text === undefined ? undefined : readCertificate(text);
}

/** @returns undefined when the text is no certificate with a key that can be read */
export function readCertificate(
  base64: string,
): (X509Certificate & { readonly publicKey: KeyObject }) | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
