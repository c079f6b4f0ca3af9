import { createHash, randomUUID } from 'node:crypto';
import type { Entity } from '../../entities/entity.ts';
import { Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import { newId, xml } from '../../saml/documents.ts';
import { formatInstant, parseInstant } from '../../saml/instant.ts';
import { NAMEID_ENTITY, NS, STATUS_SUCCESS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import type { Departure, Journey } from '../source.ts';
import {
  INSTANT_SKEW_MS,
  openLogoutMessage,
  type LogoutArrival,
  type LogoutMessage,
} from './logout-message.ts';
import { departBy, type Binding } from './request.ts';
import type { SpidOptions } from './options.ts';
import { keepMetadata } from './proof.ts';

interface Asked {
  readonly nameId: string;
  readonly sessionIndex: string | undefined;
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
  const request = openLogoutMessage(options, entity, arrival, 'LogoutRequest', now, (root) =>
    asked(root, now),
  );
  const response = logoutResponse(options, entity, request, arrival.binding, now);
  await keepMetadata(options, request.provider);
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
      nameId: request.content.nameId,
      sessionIndex: request.content.sessionIndex,
    });
    // The story of the login that it ends; what ends several is told in the first, which names the others.
    const [login] = closed;
    const thread = login === undefined ? undefined : await options.register.threadOf(transaction, login);
    const common = {
      transactionId: login ?? randomUUID(),
      reference: thread?.reference ?? newReference(),
      person: thread?.person,
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
      evidence: { ...request.evidence, closed: closed.length, transactions: closed },
    });
    await options.register.append(transaction, {
      ...common,
      kind: 'logout-response',
      requestId: request.id,
      messageId: response.id,
      outcome: 'accepted',
      evidence: { ...response.evidence },
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

function asked(root: XmlElement, now: Date): Asked | string {
  const end = root.attribute('NotOnOrAfter');
  if (end !== undefined && (parseInstant(end)?.getTime() ?? 0) <= now.getTime()) return 'NotOnOrAfter';
  const nameId = root.child(NS.saml, 'NameID')?.text;
  return nameId ? { nameId, sessionIndex: root.child(NS.samlp, 'SessionIndex')?.text } : 'NameID';
}

/** Signed, by the binding it was asked by, to where the provider wants responses (3.2). */
function logoutResponse(
  options: SpidOptions,
  entity: Entity,
  request: LogoutMessage<Asked>,
  binding: Binding,
  now: Date,
) {
  const endpoint = request.provider.singleLogout[binding];
  const destination = endpoint?.responseLocation ?? endpoint?.location;
  if (!destination)
    throw new Refused('logout_endpoint', 'the provider publishes no SingleLogoutService for this binding');
  const [id, relayState] = [newId(), request.relayState];
  const key = options.signingKey(entity, request.provider.entityId);
  const unsigned =
    xml`<samlp:LogoutResponse xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${id}" Version="2.0" IssueInstant="${formatInstant(now)}" Destination="${destination}" InResponseTo="${request.id}"><saml:Issuer Format="${NAMEID_ENTITY}" NameQualifier="${entity.entityId}">${entity.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${STATUS_SUCCESS}"/></samlp:Status></samlp:LogoutResponse>`.toString();
  const message = { xml: unsigned, destination, relayState, key };
  return { id, ...departBy(binding, message, 'SAMLResponse') };
}
