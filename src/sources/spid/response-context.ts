import type { KeyObject } from 'node:crypto';
import type { Attributes } from '../../identity/identity.ts';
import type { Clock } from '../../operations/clock.ts';
import { Refused } from '../../operations/errors.ts';
import { decodeBase64, parseForm } from '../../saml/bindings.ts';
import { NS, STATUS_SUCCESS } from '../../saml/names.ts';
import { signatureParts, verifyEnveloped, type SignatureParts } from '../../saml/signature.ts';
import { InvalidXml, parseXml, type XmlDocument, type XmlElement } from '../../saml/xml.ts';
import { attributesOf } from './attributes.ts';
import type { Leniency } from './leniency.ts';
import type { PendingRequest } from './pending.ts';
import type { IdentityProvider } from './registry.ts';

/** Largest response, decoded, in bytes (T2). */
export const RESPONSE_LIMIT = 256 * 1024;

/** What arrived, and what it is compared with. */
export interface Arrival {
  readonly method: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** URL of the assertion consumer service that received it. */
  readonly acsUrl: string;
  /** The one reading of the clock for all checks. */
  readonly now: ReturnType<Clock['now']>;
  /** How far clocks may differ, in seconds. */
  readonly skewSeconds: number;
  readonly find: (requestId: string) => Promise<PendingRequest | undefined>;
  /** Who is trusted to answer this request. */
  readonly provider: (
    entityId: string,
    pending: PendingRequest,
  ) => Pick<IdentityProvider, 'entityId' | 'signingKeys'> | undefined;
  /** What the provider of this request is let off. */
  readonly lenient: (pending: PendingRequest) => readonly Leniency[];
}

/**
 * A response on its way through the checks. Whatever cannot be read is undefined, so that every check that needs it
 * refuses; nothing here accepts anything.
 */
export class ResponseContext implements Disposable {
  readonly arrival: Arrival;
  readonly fields: ReadonlyMap<string, string> | undefined;
  /** Why the form could not be read or decoded. */
  readonly transportFault: string | undefined;
  /** The XML exactly as it arrived, base64 removed. */
  readonly bytes: Buffer | undefined;
  readonly xmlFault: string | undefined;
  readonly pending: PendingRequest | undefined;
  readonly provider: Pick<IdentityProvider, 'entityId' | 'signingKeys'> | undefined;
  readonly document: XmlDocument | undefined;
  readonly #resources = new DisposableStack();
  #signatures: readonly SignatureParts[] | undefined;
  #attributes: Attributes | undefined;
  #verified:
    | {
        assertion: XmlElement | undefined;
        response: XmlElement | undefined;
        key: KeyObject | undefined;
        responseKey: KeyObject | undefined;
      }
    | undefined;

  private constructor(arrival: Arrival, read: ReadArrival, pending: PendingRequest | undefined) {
    this.arrival = arrival;
    this.fields = read.fields;
    this.transportFault = read.transportFault;
    this.bytes = read.bytes;
    this.xmlFault = read.xmlFault;
    this.document = read.document;
    if (read.document) this.#resources.use(read.document);
    this.pending = pending;
    this.provider = pending && arrival.provider(pending.provider, pending);
  }

  /** Reads as far as it can, and looks up the request that the response claims to answer. */
  static async open(arrival: Arrival): Promise<ResponseContext> {
    const read = readArrival(arrival);
    const requestId = read.document?.root.attribute('InResponseTo');
    return new ResponseContext(arrival, read, requestId ? await arrival.find(requestId) : undefined);
  }

  /** The root as it arrived: good for refusing, never for believing. */
  get root(): XmlElement | undefined {
    return this.document?.root;
  }

  /** Assertions that are direct children of the root, as they arrived. */
  get arrivedAssertions(): readonly XmlElement[] {
    return this.root?.children(NS.saml, 'Assertion') ?? [];
  }

  get signatures(): readonly SignatureParts[] {
    this.#signatures ??= this.root?.descendants(NS.ds, 'Signature').map(signatureParts) ?? [];
    return this.#signatures;
  }

  get leniencies(): readonly Leniency[] {
    return this.pending ? this.arrival.lenient(this.pending) : [];
  }

  get claimsSuccess(): boolean {
    return statusCode(this.root)?.attribute('Value') === STATUS_SUCCESS;
  }

  get responseIsSigned(): boolean {
    return (this.root?.children(NS.ds, 'Signature').length ?? 0) > 0;
  }

  /** The Response: out of its signed bytes where it is signed, else as it arrived (then only ever used to refuse). */
  get response(): XmlElement | undefined {
    return this.responseIsSigned ? this.verified().response : this.root;
  }

  /** The Assertion, read again from the very bytes its verified signature covers. */
  get assertion(): XmlElement | undefined {
    return this.verified().assertion;
  }

  /** What the Assertion says of the person, of what was asked for; nothing before it is verified. */
  get attributes(): Attributes {
    const { assertion, pending } = this;
    if (!assertion || !pending) return {};
    this.#attributes ??= attributesOf(assertion, pending.attributeSet.attributes);
    return this.#attributes;
  }

  /** The provider's key that verified the Assertion. */
  get verifiedBy(): KeyObject | undefined {
    return this.verified().key;
  }

  /** The provider's key that verified anything of it: an error has no Assertion. */
  get provenBy(): KeyObject | undefined {
    return this.verified().key ?? this.verified().responseKey;
  }

  get signatureVerified(): boolean {
    const { assertion, response } = this.verified();
    return assertion !== undefined || response !== undefined;
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  private verified() {
    this.#verified ??= this.verify();
    return this.#verified;
  }

  private verify() {
    const { document, provider } = this;
    const [assertion] = this.arrivedAssertions;
    const keys = provider?.signingKeys ?? [];
    const signedResponse =
      document && this.responseIsSigned ? verifyEnveloped(document, document.root, keys) : undefined;
    const signedAssertion = document && assertion ? verifyEnveloped(document, assertion, keys) : undefined;
    const reread = (signed: Buffer | undefined) => {
      const again = signed && readAgain(signed);
      return again && this.#resources.use(again).root;
    };
    return {
      assertion: reread(signedAssertion?.signed),
      response: reread(signedResponse?.signed),
      key: signedAssertion?.key,
      responseKey: signedResponse?.key,
    };
  }
}

/** The top StatusCode. */
export function statusCode(response: XmlElement | undefined): XmlElement | undefined {
  return response?.child(NS.samlp, 'Status')?.child(NS.samlp, 'StatusCode');
}

export function statusMessage(response: XmlElement | undefined): string {
  return response?.child(NS.samlp, 'Status')?.child(NS.samlp, 'StatusMessage')?.text ?? '';
}

/** What was signed; undefined when its canonical form is far larger than what arrived. */
function readAgain(signed: Buffer): XmlDocument | undefined {
  try {
    return parseXml(signed, { bytes: 2 * RESPONSE_LIMIT });
  } catch (error) {
    if (error instanceof InvalidXml) return undefined;
    throw error;
  }
}

interface ReadArrival {
  fields?: ReadonlyMap<string, string>;
  transportFault?: string;
  bytes?: Buffer;
  xmlFault?: string;
  document?: XmlDocument;
}

function readArrival(arrival: Arrival): ReadArrival {
  const read: ReadArrival = {};
  try {
    read.fields = parseForm(arrival.body);
    read.bytes = decodeBase64(read.fields.get('SAMLResponse') ?? '', RESPONSE_LIMIT);
    read.document = parseXml(read.bytes, { bytes: RESPONSE_LIMIT });
  } catch (error) {
    if (error instanceof InvalidXml) read.xmlFault = error.fault;
    else if (error instanceof Refused) read.transportFault = error.code;
    else throw error;
  }
  return read;
}
