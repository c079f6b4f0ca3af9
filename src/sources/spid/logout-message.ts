import type { KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import { singleLogoutUrl, type Entity } from '../../entities/entity.ts';
import { Refused } from '../../operations/errors.ts';
import type { Evidence } from '../../register/evidence.ts';
import { decodeBase64, peekRedirect, readRedirect, type MessageName } from '../../saml/bindings.ts';
import { parseInstant } from '../../saml/instant.ts';
import { NS } from '../../saml/names.ts';
import { verifyEnveloped } from '../../saml/signature.ts';
import { parseXml, type XmlElement } from '../../saml/xml.ts';
import type { SpidOptions } from './options.ts';
import { publicKeyOf } from './proof.ts';
import type { IdentityProvider } from './registry.ts';

/** Largest logout message, decoded, in bytes. */
const LIMIT = 64 * 1024;

/** How far a provider's clock may be off, in milliseconds (spid-register-and-logout, 3.5). */
export const INSTANT_SKEW_MS = 3 * 60 * 1000;

/** A logout message as it arrived. */
export type LogoutArrival =
  | { readonly binding: 'redirect'; readonly rawQuery: string }
  | { readonly binding: 'post'; readonly form: ReadonlyMap<string, string> };

/** A message whose signature verified, valid against the schema, for us and fresh. */
export interface LogoutMessage<T> {
  readonly id: string;
  readonly provider: IdentityProvider;
  readonly relayState: string | undefined;
  /** Exactly as it arrived. */
  readonly bytes: Buffer;
  /** For the register: the message, what signed it, and what it was verified with. */
  readonly evidence: Evidence;
  readonly content: T;
}

/**
 * Opens a logout message. Nothing is believed before the signature verifies, and then only what it covers; logout
 * deserves the same care as login (spid-register-and-logout, 3 and 3.5).
 * @param read takes from the signed root what the kind of message needs; a text names the part that is wrong
 * @throws Refused
 */
export function openLogoutMessage<T extends object>(
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  kind: 'LogoutRequest' | 'LogoutResponse',
  now: Date,
  read: (root: XmlElement) => T | string,
): LogoutMessage<T> {
  const parameter: MessageName = kind === 'LogoutRequest' ? 'SAMLRequest' : 'SAMLResponse';
  const bytes =
    arrival.binding === 'redirect'
      ? peekRedirect(arrival.rawQuery, parameter, LIMIT)
      : decodeBase64(arrival.form.get(parameter) ?? '', LIMIT);
  using document = parseXml(bytes, { bytes: LIMIT });
  // Also one that is switched off: closing what is open is never wrong.
  const provider = options.providers.listed(document.root.child(NS.saml, 'Issuer')?.text ?? '');
  if (!provider) throw new Refused('logout_issuer', `the ${kind} is from nobody we know`);
  const { signed, relayState, key } = verified(arrival, parameter, provider, document, kind);
  using trusted = parseXml(signed, { bytes: LIMIT });
  const destination = singleLogoutUrl(options.publicUrl, entity);
  const fault = commonFault(trusted.root, kind, provider, destination, now);
  const content = fault ?? read(trusted.root);
  if (typeof content === 'string' || document.violations('protocol').length > 0) {
    const what = typeof content === 'string' ? content : 'not valid against the schema';
    throw new Refused('logout_invalid', `the ${kind} is not acceptable: ${what}`);
  }
  const evidence = {
    binding: arrival.binding,
    message: bytes,
    ...(arrival.binding === 'redirect' ? { query: arrival.rawQuery } : {}),
    providerMetadata: provider.metadataHash,
    verifiedBy: publicKeyOf(key),
  };
  return { id: trusted.root.attribute('ID') ?? '', provider, relayState, bytes, evidence, content };
}

function verified(
  arrival: LogoutArrival,
  parameter: MessageName,
  { signingKeys }: IdentityProvider,
  document: ReturnType<typeof parseXml>,
  kind: string,
): { signed: Buffer; relayState: string | undefined; key: KeyObject } {
  if (arrival.binding === 'redirect') {
    const { xml, relayState, key } = readRedirect(arrival.rawQuery, parameter, signingKeys, LIMIT);
    return { signed: xml, relayState, key };
  }
  const envelope = verifyEnveloped(document, document.root, signingKeys);
  if (!envelope) throw new Refused('logout_signature', `the ${kind} is not signed by its issuer`);
  return { ...envelope, relayState: arrival.form.get('RelayState') };
}

function commonFault(
  root: XmlElement,
  kind: string,
  provider: IdentityProvider,
  destination: string,
  now: Date,
): string | undefined {
  if (root.namespace !== NS.samlp || root.name !== kind) return 'another message';
  if (!root.attribute('ID') || root.attribute('Version') !== '2.0') return 'ID or Version';
  if (root.attribute('Destination') !== destination) return 'Destination';
  if (root.child(NS.saml, 'Issuer')?.text !== provider.entityId) return 'Issuer';
  const instant = parseInstant(root.attribute('IssueInstant') ?? '');
  if (!instant || Math.abs(instant.getTime() - now.getTime()) > INSTANT_SKEW_MS) return 'IssueInstant';
  return undefined;
}

/** Raw query string of a request, exactly as it arrived: signatures cover its bytes. */
export function rawQueryOf(ctx: Context): string {
  const { url = '' } = ctx.req;
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
}

/** Whether a message of this kind is in what arrived. */
export function holds(arrival: LogoutArrival, parameter: MessageName): boolean {
  return arrival.binding === 'redirect'
    ? new URLSearchParams(arrival.rawQuery).has(parameter)
    : arrival.form.has(parameter);
}
