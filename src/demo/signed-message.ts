import type { KeyObject } from 'node:crypto';
import { Refused } from '../operations/errors.ts';
import { decodeBase64, peekRedirect, readRedirect } from '../saml/bindings.ts';
import { NS } from '../saml/names.ts';
import { verifyEnveloped } from '../saml/signature.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';

const LIMIT = 64 * 1024;

/** A request of a service provider as it arrived. */
export type Arrival =
  | { readonly binding: 'post'; readonly form: ReadonlyMap<string, string> }
  | { readonly binding: 'redirect'; readonly rawQuery: string };

/** Why a message is not even read: its form, the method it came by, or its signature. */
export type MessageFault = 'unreadable' | 'wrong-method' | 'signature';

export class BadMessage extends Error {
  readonly fault: MessageFault;

  constructor(fault: MessageFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** What the signature covers. */
export interface SignedMessage {
  readonly root: XmlElement;
  /** What the protocol schema says against the message as it came, signature included. */
  readonly violations: readonly string[];
  readonly relayState: string | undefined;
}

/**
 * The Issuer a message names, before anything is verified: whose metadata to fetch.
 * @throws BadMessage
 */
export function issuerOf(arrival: Arrival): string {
  return readable(() => {
    using document = parseXml(messageBytes(arrival), { bytes: LIMIT });
    return document.root.child(NS.saml, 'Issuer')?.text ?? '';
  });
}

/**
 * Verifies a message and hands what is signed to `read`.
 * @throws BadMessage
 */
export function openSigned<T>(
  arrival: Arrival,
  keys: readonly KeyObject[],
  read: (message: SignedMessage) => T,
): T {
  const arrived = readable(() => messageBytes(arrival));
  if (arrival.binding === 'redirect') {
    const { xml, relayState } = verifiedQuery(arrival.rawQuery, keys);
    using document = readable(() => parseXml(xml, { bytes: LIMIT }));
    return read({ root: document.root, violations: document.violations('protocol'), relayState });
  }
  using document = readable(() => parseXml(arrived, { bytes: LIMIT }));
  const verified = verifyEnveloped(document, document.root, keys);
  if (!verified) throw new BadMessage('signature', 'the signature of the document does not verify');
  using signed = parseXml(verified.signed, { bytes: LIMIT });
  const relayState = arrival.form.get('RelayState');
  return read({ root: signed.root, violations: document.violations('protocol'), relayState });
}

function messageBytes(arrival: Arrival): Buffer {
  if (arrival.binding === 'post') {
    if (arrival.form.has('SigAlg')) {
      throw new BadMessage('wrong-method', 'a message for HTTP-Redirect came by POST');
    }
    return decodeBase64(arrival.form.get('SAMLRequest') ?? '', LIMIT);
  }
  const plain = new URLSearchParams(arrival.rawQuery).get('SAMLRequest') ?? '';
  if (Buffer.from(plain, 'base64').toString('latin1').startsWith('<')) {
    throw new BadMessage('wrong-method', 'a message for HTTP-POST came by GET');
  }
  return peekRedirect(arrival.rawQuery, 'SAMLRequest', LIMIT);
}

function verifiedQuery(rawQuery: string, keys: readonly KeyObject[]) {
  try {
    return readRedirect(rawQuery, 'SAMLRequest', keys, LIMIT);
  } catch (error) {
    if (error instanceof Refused) throw new BadMessage('signature', error.message);
    throw error;
  }
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) throw new BadMessage('unreadable', error.message);
    throw error;
  }
}
