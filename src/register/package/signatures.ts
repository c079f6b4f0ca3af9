import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readRedirect, type MessageName } from '../../saml/bindings.ts';
import { NS } from '../../saml/names.ts';
import { Refused } from '../../operations/errors.ts';
import { verifyEnveloped } from '../../saml/signature.ts';
import { InvalidXml, parseXml, type XmlDocument, type XmlElement } from '../../saml/xml.ts';
import type { OpenedEntry } from '../register.ts';

/** One signature of a registered message, verified with what counted when it left or came. */
export interface SignatureFinding {
  /** `Response`, `Assertion`, `AuthnRequest`, …; a document that cannot be read has none. */
  readonly element: string;
  readonly signer: 'gateway' | 'provider';
  /** In the document, or in the query string of a Redirect. */
  readonly form: 'enveloped' | 'query';
  readonly outcome: 'verifies' | 'does-not-verify' | 'unsigned' | 'no-key';
  /** Whether the key is the one that verified it when it came; a refused message may never have got so far. */
  readonly verifiedThen: boolean;
  readonly key?: KeyFacts;
}

export interface KeyFacts {
  /** SHA-256 of the SubjectPublicKeyInfo, hexadecimal. */
  readonly publicKey: string;
  readonly certificate?: {
    /** SHA-256, hexadecimal. */
    readonly fingerprint: string;
    readonly subject: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly pem: string;
  };
  /** The version of the metadata that lists it. */
  readonly metadata?: string;
}

/** A version of somebody's metadata: whoever signs is known by it. */
export interface MetadataVersion {
  /** SHA-256 of the bytes as the entries name it. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** What is known of who could have signed. */
export interface Known {
  /** Every version of our own body's metadata, newest first. */
  readonly own: readonly MetadataVersion[];
  /** The provider's at that time. */
  readonly provider: MetadataVersion | undefined;
}

/** Largest message that is registered as XML; metadata are larger than messages. */
const LIMIT = { bytes: 4 * 1024 * 1024 };

/** Elements that carry signatures of their own. */
const SIGNED = ['Assertion', 'AuthnRequest', 'Response', 'LogoutRequest', 'LogoutResponse'];

/** The message of an entry as it was sent or came; undefined for what is no message. */
export function messageOf({ evidence }: OpenedEntry): Uint8Array | undefined {
  const { xml, message } = evidence;
  if (typeof xml === 'string') return Buffer.from(xml);
  return message instanceof Uint8Array ? message : undefined;
}

/** Every signature of an entry's message. */
export function verifySignatures(entry: OpenedEntry, known: Known): SignatureFinding[] {
  const message = messageOf(entry);
  if (!message) return [];
  const ours = typeof entry.evidence['xml'] === 'string';
  const keys = ours ? ownKeys(entry, known) : providerKeys(entry, known);
  const common = {
    signer: ours ? 'gateway' : 'provider',
    verifiedThen: ours || entry.evidence['verifiedBy'] instanceof Uint8Array,
  } as const;
  try {
    using document = parseXml(message, LIMIT);
    const query = entry.evidence['query'];
    if (typeof query === 'string')
      return [{ ...common, element: document.root.name, form: 'query', ...byQuery(query, keys) }];
    const signed = signedElements(document);
    return signed.map((element) => ({
      ...common,
      element: element.name,
      form: 'enveloped' as const,
      ...byElement(document, element, keys),
    }));
  } catch (error) {
    if (!(error instanceof InvalidXml)) throw error;
    return [{ ...common, element: '', form: 'enveloped', outcome: 'unsigned' }];
  }
}

type Judged = Pick<SignatureFinding, 'outcome' | 'key'>;
type Candidate = KeyFacts & { readonly object: KeyObject };

/** The root, and everything below that is signed by itself; the root alone where nothing is. */
function signedElements({ root }: XmlDocument): XmlElement[] {
  const within = SIGNED.flatMap((name) =>
    [NS.saml, NS.samlp].flatMap((namespace) => root.descendants(namespace, name)),
  );
  const signed = [root, ...within].filter((element) => element.children(NS.ds, 'Signature').length > 0);
  return signed.length === 0 ? [root] : [...new Set(signed)];
}

function byElement(document: XmlDocument, element: XmlElement, keys: readonly Candidate[]): Judged {
  if (element.children(NS.ds, 'Signature').length === 0) return { outcome: 'unsigned' };
  if (keys.length === 0) return { outcome: 'no-key' };
  const objects = keys.map(({ object }) => object);
  return judged(verifyEnveloped(document, element, objects)?.key, keys);
}

function byQuery(query: string, keys: readonly Candidate[]): Judged {
  if (keys.length === 0) return { outcome: 'no-key' };
  const name: MessageName = new URLSearchParams(query).has('SAMLResponse') ? 'SAMLResponse' : 'SAMLRequest';
  const objects = keys.map(({ object }) => object);
  try {
    return judged(readRedirect(query, name, objects, LIMIT.bytes).key, keys);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.code === 'missing_parameter' ? { outcome: 'unsigned' } : judged(undefined, keys);
  }
}

function judged(key: KeyObject | undefined, keys: readonly Candidate[]): Judged {
  const found = key && keys.find(({ object }) => object.equals(key));
  if (!found) return { outcome: 'does-not-verify' };
  const { publicKey, certificate, metadata } = found;
  const facts = { publicKey, ...(certificate ? { certificate } : {}), ...(metadata ? { metadata } : {}) };
  return { outcome: 'verifies', key: facts };
}

/** The certificate whose fingerprint was registered when it left. */
function ownKeys({ evidence }: OpenedEntry, { own }: Known): readonly Candidate[] {
  const { certificate: fingerprint, metadata } = evidence;
  const preferred = [...own].sort((a, b) => Number(b.hash === metadata) - Number(a.hash === metadata));
  const all = preferred.flatMap((version) => candidates(version));
  const named = all.filter(({ certificate }) => {
    const registered = Buffer.from(typeof fingerprint === 'string' ? fingerprint : '', 'base64url');
    return certificate?.fingerprint === registered.toString('hex');
  });
  // Messages of before fingerprints were registered with all of them.
  return fingerprint === undefined ? all : named;
}

/** The key that verified it then; where none did, those that the provider had then. */
function providerKeys({ evidence }: OpenedEntry, { provider }: Known): readonly Candidate[] {
  const known = provider ? candidates(provider) : [];
  const { verifiedBy } = evidence;
  if (!(verifiedBy instanceof Uint8Array)) return known;
  const object = createPublicKey({ key: Buffer.from(verifiedBy), format: 'der', type: 'spki' });
  const found = known.find((one) => one.object.equals(object));
  return [found ?? { object, publicKey: spkiHash(object) }];
}

/** Thousands of entries name the same few versions: each is read once. */
const READ = new WeakMap<MetadataVersion, readonly Candidate[]>();

/** The signing certificates that a version of metadata lists. */
function candidates(version: MetadataVersion): readonly Candidate[] {
  const known = READ.get(version) ?? listed(version);
  READ.set(version, known);
  return known;
}

function listed({ hash, bytes }: MetadataVersion): Candidate[] {
  using document = parseXml(bytes, LIMIT);
  return document.root
    .descendants(NS.md, 'KeyDescriptor')
    .filter((key) => (key.attribute('use') ?? 'signing') === 'signing')
    .flatMap((key) => key.descendants(NS.ds, 'X509Certificate'))
    .flatMap(({ text }) => {
      const certificate = readCertificate(text);
      return certificate ? [{ ...factsOf(certificate), metadata: hash, object: certificate.publicKey }] : [];
    });
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(text, 'base64'));
  } catch {
    return undefined; // a provider's metadata may list one that nobody can read
  }
}

function factsOf(certificate: X509Certificate): KeyFacts {
  return {
    publicKey: spkiHash(certificate.publicKey),
    certificate: {
      fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: certificate.subject.replaceAll('\n', ', '),
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
      pem: certificate.toString(),
    },
  };
}

function spkiHash(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}
