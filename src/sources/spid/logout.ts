import { createHash, randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { singleLogoutUrl, type Entity } from '../../entities/entity.ts';
import { Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import {
  decodeBase64,
  peekRedirect,
  postBinding,
  readRedirect,
  redirectBinding,
} from '../../saml/bindings.ts';
import { newId, xml } from '../../saml/documents.ts';
import { formatInstant, parseInstant } from '../../saml/instant.ts';
import { NAMEID_ENTITY, NS, STATUS_SUCCESS } from '../../saml/names.ts';
import { signEnveloped, verifyEnveloped } from '../../saml/signature.ts';
import { parseXml, type XmlElement } from '../../saml/xml.ts';
import type { Departure, Journey } from '../source.ts';
import type { IdentityProvider } from './provider-metadata.ts';
import type { Binding } from './request.ts';
import type { SpidOptions } from './options.ts';

/** Largest logout message, decoded, in bytes. */
const LIMIT = 64 * 1024;

/** How far a provider's clock may be off, in milliseconds (spid-register-and-logout, 3.5). */
const INSTANT_SKEW_MS = 3 * 60 * 1000;

/** A logout message as it arrived. */
export type LogoutArrival =
  | { readonly binding: 'redirect'; readonly rawQuery: string }
  | { readonly binding: 'post'; readonly form: ReadonlyMap<string, string> };

interface LogoutRequest {
  readonly id: string;
  readonly provider: IdentityProvider;
  readonly nameId: string;
  readonly sessionIndex: string | undefined;
  readonly relayState: string | undefined;
  readonly xml: Buffer;
}

/**
 * A provider asks to close the sessions of a citizen (spid-register-and-logout, 3.5). Nothing is believed before the
 * signature verifies, and then only what it covers; no cookie is needed. The answer is Success also when there was
 * nothing to close.
 * @throws Refused when the request is not acceptable: the sender sees a page, no LogoutResponse leaves
 */
export async function answerLogoutRequest(
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  journey: Journey,
): Promise<{ departure: Departure; provider: string }> {
  const now = options.clock.now();
  const request = readLogoutRequest(options, entity, arrival, now);
  const response = logoutResponse(options, entity, request, arrival.binding, now);
  const reference = newReference();
  await options.store.transaction(async (transaction) => {
    const first = await transaction
      .insertInto('used_once')
      .values({
        kind: 'spid-logout',
        id: createHash('sha256').update(`${request.provider.entityId} ${request.id}`).digest('base64url'),
        expires_at: now.getTime() + 2 * INSTANT_SKEW_MS,
      })
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
      .executeTakeFirst();
    if (first.numInsertedOrUpdatedRows !== 1n)
      throw new Refused('logout_replayed', 'this LogoutRequest was used before');
    const closed = await journey.end(transaction, {
      provider: request.provider.entityId,
      nameId: request.nameId,
      sessionIndex: request.sessionIndex,
    });
    const common = {
      transactionId: randomUUID(),
      reference,
      at: now,
      source: 'spid' as const,
      entityId: entity.id,
      provider: request.provider.entityId,
    };
    await options.register.append(transaction, {
      ...common,
      kind: 'logout-request',
      messageId: request.id,
      outcome: 'accepted',
      evidence: { message: request.xml, closed },
    });
    await options.register.append(transaction, {
      ...common,
      kind: 'logout-response',
      requestId: request.id,
      messageId: response.id,
      outcome: 'accepted',
      evidence: { xml: response.xml },
    });
  });
  options.log.event({
    event: 'spid_logout',
    entity: entity.id,
    outcome: 'closed',
    provider: request.provider.entityId,
  });
  return { departure: response.departure, provider: request.provider.name };
}

function readLogoutRequest(
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  now: Date,
): LogoutRequest {
  const bytes =
    arrival.binding === 'redirect'
      ? peekRedirect(arrival.rawQuery, 'SAMLRequest', LIMIT)
      : decodeBase64(arrival.form.get('SAMLRequest') ?? '', LIMIT);
  using document = parseXml(bytes, { bytes: LIMIT });
  const provider = options.providers.listed(document.root.child(NS.saml, 'Issuer')?.text ?? '');
  if (!provider) throw new Refused('logout_issuer', 'the LogoutRequest is from nobody we know');
  let relayState: string | undefined;
  let signed: Buffer;
  if (arrival.binding === 'redirect') {
    ({ xml: signed, relayState } = readRedirect(
      arrival.rawQuery,
      'SAMLRequest',
      provider.signingKeys,
      LIMIT,
    ));
  } else {
    const verified = verifyEnveloped(document, document.root, provider.signingKeys);
    if (!verified) throw new Refused('logout_signature', 'the LogoutRequest is not signed by its issuer');
    signed = verified.signed;
    relayState = arrival.form.get('RelayState');
  }
  using trusted = parseXml(signed, { bytes: LIMIT });
  const fault = requestFault(trusted.root, provider, singleLogoutUrl(options.publicUrl, entity), now);
  if (fault || document.violations('protocol').length > 0) {
    throw new Refused(
      'logout_invalid',
      `the LogoutRequest is not acceptable: ${fault ?? 'not valid against the schema'}`,
    );
  }
  return {
    id: trusted.root.attribute('ID') ?? '',
    provider,
    nameId: trusted.root.child(NS.saml, 'NameID')?.text ?? '',
    sessionIndex: trusted.root.child(NS.samlp, 'SessionIndex')?.text,
    relayState,
    xml: bytes,
  };
}

function requestFault(
  root: XmlElement,
  provider: IdentityProvider,
  destination: string,
  now: Date,
): string | undefined {
  if (root.namespace !== NS.samlp || root.name !== 'LogoutRequest') return 'another message';
  if (!root.attribute('ID') || root.attribute('Version') !== '2.0') return 'ID or Version';
  if (root.attribute('Destination') !== destination) return 'Destination';
  if (root.child(NS.saml, 'Issuer')?.text !== provider.entityId) return 'Issuer';
  const instant = parseInstant(root.attribute('IssueInstant') ?? '');
  if (!instant || Math.abs(instant.getTime() - now.getTime()) > INSTANT_SKEW_MS) return 'IssueInstant';
  const end = root.attribute('NotOnOrAfter');
  if (end !== undefined && (parseInstant(end)?.getTime() ?? 0) <= now.getTime()) return 'NotOnOrAfter';
  return root.child(NS.saml, 'NameID')?.text ? undefined : 'NameID';
}

/** Signed, by the binding it was asked by, to where the provider wants responses (3.2). */
function logoutResponse(
  options: SpidOptions,
  entity: Entity,
  request: LogoutRequest,
  binding: Binding,
  now: Date,
) {
  const endpoint = request.provider.singleLogout[binding];
  const destination = endpoint?.responseLocation ?? endpoint?.location;
  if (!destination)
    throw new Refused('logout_endpoint', 'the provider publishes no SingleLogoutService for this binding');
  const id = newId();
  const key = options.signingKey(entity, request.provider.entityId);
  const unsigned =
    xml`<samlp:LogoutResponse xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${id}" Version="2.0" IssueInstant="${formatInstant(now)}" Destination="${destination}" InResponseTo="${request.id}"><saml:Issuer Format="${NAMEID_ENTITY}" NameQualifier="${entity.entityId}">${entity.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${STATUS_SUCCESS}"/></samlp:Status></samlp:LogoutResponse>`.toString();
  if (binding === 'redirect') {
    const { url, query } = redirectBinding(destination, 'SAMLResponse', unsigned, request.relayState, key);
    return { id, xml: `${unsigned}\n${query}`, departure: { kind: 'redirect', url } satisfies Departure };
  }
  const signed = signEnveloped(unsigned, key, 'after-issuer');
  const fields = postBinding('SAMLResponse', signed, request.relayState);
  return { id, xml: signed, departure: { kind: 'form', action: destination, fields } satisfies Departure };
}

/** Raw query string of a request, exactly as it arrived: signatures cover its bytes. */
export function rawQueryOf(ctx: Context): string {
  const { url = '' } = ctx.req;
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
}
