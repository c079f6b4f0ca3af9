import { X509Certificate, type KeyObject } from 'node:crypto';
import { isLoopback } from '../../operations/loopback.ts';
import { NS } from '../../saml/names.ts';
import { formFault, isStrongKey, signatureParts, verifyEnveloped } from '../../saml/signature.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { ACTIVITY_CODES } from '../names.ts';
import { unless, type ExaminedMetadata, type MetadataRule } from './rule.ts';

const DOC = 'spid-sp-metadata';

/** Rules about the document as a whole: its identity, its parts, its signature (spid-sp-metadata, 1, 2 and 4). */
export const DOCUMENT_RULES: readonly MetadataRule[] = [
  {
    id: 'M3',
    rule: `${DOC} 1`,
    faults: ({ root }) =>
      unless(
        root.namespace === NS.md && root.name === 'EntityDescriptor',
        'document',
        root.name,
        'one md:EntityDescriptor: one document, one body',
      ),
  },
  {
    id: 'M4',
    rule: `${DOC} 1`,
    faults: ({ root, production }) => {
      const found = root.attribute('entityID') ?? '';
      const allowed = entityIdFault(found, production);
      return unless(allowed === undefined, 'EntityDescriptor/@entityID', found, allowed ?? '');
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
            'none: the copies that providers hold would expire',
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
      return [
        ...unless(
          count('SPSSODescriptor') === 1,
          'SPSSODescriptor',
          `${count('SPSSODescriptor')}`,
          'exactly one',
        ),
        ...unless(count('Organization') === 1, 'Organization', `${count('Organization')}`, 'exactly one'),
        ...others.flatMap(({ name }) => unless(false, name, 'present', 'no role besides SPSSODescriptor')),
      ];
    },
  },
  {
    id: 'M7',
    rule: `${DOC} 4`,
    faults: (examined) => {
      const fault = signatureFault(examined);
      return unless(
        fault === undefined,
        'Signature',
        fault,
        'one enveloped signature of the EntityDescriptor, its first child, that verifies with the certificate in it',
      );
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
        ...unless(isStrongKey(certificate.publicKey), 'Signature', 'a weak key', 'RSA of at least 2048 bits'),
        ...unless(
          !expired,
          'Signature',
          `a certificate that expired on ${certificate.validTo}`,
          'a valid one',
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
        return unless(
          code === undefined,
          'EntityDescriptor/@entityID',
          found,
          'no activity code of an aggregator: this is the metadata of an ordinary service provider',
        );
      }
      const code = profile === 'public-aggregator-full' ? 'pub-ag-full' : 'pub-ag-lite';
      return unless(
        segments.includes(code),
        'EntityDescriptor/@entityID',
        found,
        `${code} as a segment of its path`,
      );
    },
  },
];

/** What an entityID would have to be; undefined when it is. */
function entityIdFault(found: string, production: boolean): string | undefined {
  if (!URL.canParse(found) || found !== found.trim() || found.length > 1024)
    return 'an absolute URL of at most 1024 characters, without blanks around it';
  const { search, hash, username } = new URL(found);
  if (search || hash || username) return 'a URL without query, fragment and user name';
  return addressFault(found, production);
}

/** An address in metadata: https without port. On this machine also http and ports, except in production. */
export function addressFault(found: string, production: boolean): string | undefined {
  if (!URL.canParse(found)) return 'an absolute https URL';
  const { protocol, hostname, port } = new URL(found);
  if (!production && isLoopback(hostname) && /^https?:$/.test(protocol)) return undefined;
  if (protocol !== 'https:') return 'an https URL';
  return port ? 'a URL without port' : undefined;
}

function signatureFault({ document, root }: ExaminedMetadata): string | undefined {
  const signatures = root.children(NS.ds, 'Signature');
  const [signature] = signatures;
  if (!signature || signatures.length > 1) return `${signatures.length} signatures`;
  if (root.elements[0] !== signature) return 'a signature that is not the first child';
  const fault = formFault(signatureParts(signature), root);
  if (fault) return fault;
  const certificate = signingCertificate(root);
  if (!certificate) return 'no certificate that can be read';
  return verifyEnveloped(document, root, [certificate.publicKey])
    ? undefined
    : 'a signature that does not verify';
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
