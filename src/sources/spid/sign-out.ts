import { randomBytes, randomUUID } from 'node:crypto';
import type { Entity } from '../../entities/entity.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import { newId, xml } from '../../saml/documents.ts';
import { formatInstant } from '../../saml/instant.ts';
import { NAMEID_ENTITY, NAMEID_TRANSIENT, NS, STATUS_SUCCESS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import type { Transaction } from '../../store/store.ts';
import type { Departure, Journey, SessionToClose, SignOutOutcome } from '../source.ts';
import { openLogoutMessage, type LogoutArrival } from './logout-message.ts';
import type { SpidOptions } from './options.ts';
import { claim, sha256 } from './pending.ts';
import { departBy } from './request.ts';

/** As long as a provider may take to close a session, in milliseconds. */
const ANSWER_MS = 10 * 60 * 1000;

const PARTIAL_LOGOUT = 'urn:oasis:names:tc:SAML:2.0:status:PartialLogout';

/** Rows of ours among the pending requests. */
const SOURCE = 'spid-logout';

/** What an answer is compared with. */
interface Sent {
  readonly transactionId: string;
  readonly reference: string;
  readonly relayStateHash: string;
}

/** Whether a provider has a single logout service of ours to write to; one that is switched off is written to by nobody. */
export function closesSessions(options: SpidOptions, provider: string): boolean {
  const { post, redirect } = options.providers.find(provider)?.singleLogout ?? {};
  return post !== undefined || redirect !== undefined;
}

/**
 * Asks a provider to close the session of a citizen who wants to leave (spid-register-and-logout, 3.1 and 3.4): signed,
 * with the very NameID and SessionIndex of her assertion.
 */
export async function closeSession(
  options: SpidOptions,
  transaction: Transaction,
  { id: signOutId, entityId, provider: providerId, session, transaction: login }: SessionToClose,
): Promise<Departure> {
  const entity = options.entities.get(entityId);
  const provider = options.providers.find(providerId);
  const binding = [options.binding(providerId), 'post' as const, 'redirect' as const].find(
    (one) => provider?.singleLogout[one],
  );
  const destination = binding && provider?.singleLogout[binding]?.location;
  if (!entity || !provider || !binding || !destination)
    throw new Misconfigured('no_single_logout', `${providerId} has no single logout service any more`);
  const [now, id, relayState] = [options.clock.now(), newId(), randomBytes(24).toString('base64url')];
  const request = xml`<samlp:LogoutRequest xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${id}" Version="2.0" IssueInstant="${formatInstant(now)}" Destination="${destination}"><saml:Issuer Format="${NAMEID_ENTITY}" NameQualifier="${entity.entityId}">${entity.entityId}</saml:Issuer><saml:NameID Format="${NAMEID_TRANSIENT}" NameQualifier="${session.nameQualifier}">${session.nameId}</saml:NameID><samlp:SessionIndex>${session.sessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`;
  const key = options.signingKey(entity, providerId);
  const { departure, evidence } = departBy(binding, {
    xml: request.toString(),
    destination,
    relayState,
    key,
  });
  // The login's own story: whoever reads it, or exports all of a person, finds how it ended.
  const thread = login === undefined ? undefined : await options.register.threadOf(transaction, login);
  const sent: Sent = {
    transactionId: login ?? randomUUID(),
    reference: thread?.reference ?? newReference(),
    relayStateHash: sha256(relayState),
  };
  await remember(transaction, { id, signOutId, entity, provider: providerId, sent, now });
  await options.register.append(transaction, {
    transactionId: sent.transactionId,
    reference: sent.reference,
    at: now,
    kind: 'logout-request',
    source: 'spid',
    entityId,
    provider: providerId,
    messageId: id,
    person: thread?.person,
    evidence: { ...evidence, binding, providerMetadata: provider.metadataHash },
  });
  options.log.event({ event: 'spid_logout', entity: entityId, outcome: 'asked', provider: providerId });
  return departure;
}

async function remember(
  transaction: Transaction,
  request: {
    readonly id: string;
    readonly signOutId: string;
    readonly entity: Entity;
    readonly provider: string;
    readonly sent: Sent;
    readonly now: Date;
  },
): Promise<void> {
  const end = request.now.getTime() + ANSWER_MS;
  await transaction
    .insertInto('pending_requests')
    .values({
      id: request.id,
      source: SOURCE,
      login_uid: request.signOutId,
      transaction_id: request.sent.transactionId,
      entity_id: request.entity.id,
      provider: request.provider,
      request: JSON.stringify(request.sent),
      created_at: request.now.getTime(),
      expires_at: end,
      purge_at: end,
      consumed_at: null,
      answer_hash: null,
    })
    .execute();
}

interface Answered {
  readonly inResponseTo: string;
  readonly outcome: SignOutOutcome;
}

/**
 * A provider answers our LogoutRequest: signed, to the request that was sent to it, once (spid-register-and-logout, 3.2
 * to 3.4).
 * @returns the path of the page that tells the citizen
 * @throws Refused when the answer is not acceptable; what was closed here stays closed
 */
export async function acceptLogoutResponse(
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  journey: Journey,
): Promise<string> {
  const now = options.clock.now();
  const message = openLogoutMessage(options, entity, arrival, 'LogoutResponse', now, answered);
  const { inResponseTo, outcome } = message.content;
  const path = await options.store.transaction(async (transaction) => {
    const row = await transaction
      .selectFrom('pending_requests')
      .selectAll()
      .where('id', '=', inResponseTo)
      .where('source', '=', SOURCE)
      .executeTakeFirst();
    const asked = row?.provider === message.provider.entityId && row.entity_id === entity.id;
    if (!row || !asked) throw new Refused('logout_unsolicited', 'nobody here asked for this LogoutResponse');
    if (row.expires_at <= now.getTime()) throw new Refused('logout_late', 'the LogoutResponse is too late');
    const sent = JSON.parse(row.request) as Sent;
    if (message.relayState === undefined || sha256(message.relayState) !== sent.relayStateHash)
      throw new Refused('logout_relay_state', 'the LogoutResponse is for another browser');
    if (!(await claim(transaction, row.id, sha256(message.bytes), now)))
      throw new Refused('logout_replayed', 'this LogoutRequest was answered before');
    const continuation = await journey.signedOut(transaction, row.login_uid, outcome);
    if (continuation === undefined) throw new Refused('logout_late', 'the LogoutResponse is too late');
    await options.register.append(transaction, {
      transactionId: sent.transactionId,
      reference: sent.reference,
      at: now,
      kind: 'logout-response',
      source: 'spid',
      entityId: entity.id,
      provider: row.provider,
      requestId: row.id,
      messageId: message.id,
      outcome: outcome === 'closed' ? 'accepted' : outcome,
      evidence: message.evidence,
    });
    return continuation;
  });
  const provider = message.provider.entityId;
  options.log.event({ event: 'spid_logout', entity: entity.id, outcome, provider });
  return path;
}

/** Partial under any top code counts: the texts do not agree on which it is (3.3). */
function answered(root: XmlElement): Answered | string {
  const inResponseTo = root.attribute('InResponseTo');
  if (!inResponseTo) return 'InResponseTo';
  const top = root.child(NS.samlp, 'Status')?.child(NS.samlp, 'StatusCode');
  const codes = [top, top?.child(NS.samlp, 'StatusCode')].map((code) => code?.attribute('Value'));
  if (codes.includes(PARTIAL_LOGOUT)) return { inResponseTo, outcome: 'partly' };
  return { inResponseTo, outcome: codes[0] === STATUS_SUCCESS ? 'closed' : 'refused' };
}
