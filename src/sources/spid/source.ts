import { randomBytes, randomInt, randomUUID, type KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import { assertionConsumerUrl, smallestCoveringSet, type Entity } from '../../entities/entity.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import { readBody } from '../../operations/body.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import type { Log } from '../../operations/log.ts';
import { newReference } from '../../operations/reference.ts';
import { parseForm } from '../../saml/bindings.ts';
import { newId } from '../../saml/documents.ts';
import type { Transaction } from '../../store/store.ts';
import type { Departure, Failure, IdentitySource, Journey, Login, Offer } from '../source.ts';
import { answerLogoutRequest, rawQueryOf, type LogoutArrival } from './logout.ts';
import { claim, find, insert, rememberAssertion, sha256, type PendingRequest } from './pending.ts';
import type { IdentityProvider } from './registry.ts';
import { buildAuthnRequest, departBy, type Binding } from './request.ts';
import type { SpidOptions } from './options.ts';
import { judge, type Verdict } from './response.ts';

/** A SAML response of 256 KiB, in base64, in a form body where every character may be escaped, with room for RelayState. */
const BODY_LIMIT = 1_100_000;

/** Attributes the person key is made of: asked of the provider even when the client may not see them (one-identity, 1). */
const KEY_ATTRIBUTES: readonly AttributeName[] = ['spidCode', 'fiscalNumber'];

/** The same answer posted again within this time by a hasty browser continues the login instead of ending it. */
const SAME_ANSWER_MS = 60_000;

/** How long after its own end an assertion is remembered as used (spid-response-validation, 5.5). */
const ASSERTION_REMEMBERED_MS = 60 * 60 * 1000;

/** SPID: the gateway as a SAML service provider under AgID's rules. */
export function spidSource(options: SpidOptions): IdentitySource {
  const entities = new Map(options.entities.map((entity) => [entity.id, entity]));

  return {
    kind: 'spid',
    offers: () =>
      shuffled(options.providers.all()).map(({ entityId, name }): Offer => ({ id: entityId, name })),
    depart: (login, offerId) => depart(options, entityOf(entities, login), login, offerId),
    mount(router, journey) {
      for (const entity of entities.values()) {
        router.get(new URL(entity.entityId).pathname, (ctx) => serveMetadata(ctx, options, entity));
        router.post(`/spid/${entity.id}/acs`, (ctx) => consumeAssertion(ctx, options, entity, journey));
        router.get(`/spid/${entity.id}/slo`, (ctx) =>
          answerLogout(ctx, options, entity, { binding: 'redirect', rawQuery: rawQueryOf(ctx) }, journey),
        );
        router.post(`/spid/${entity.id}/slo`, async (ctx) => {
          const form = parseForm(await readBody(ctx.req, BODY_LIMIT));
          await answerLogout(ctx, options, entity, { binding: 'post', form }, journey);
        });
      }
    },
    notReady: () => (options.providers.all().length === 0 ? ['no SPID identity provider is loaded'] : []),
  };
}

function entityOf(entities: ReadonlyMap<string, Entity>, login: Login): Entity {
  const entity = entities.get(login.client.entity);
  if (!entity) {
    throw new Misconfigured(
      'unknown_entity',
      `client ${login.client.id} belongs to the unknown entity ${login.client.entity}`,
    );
  }
  return entity;
}

/** No provider may be favoured: the order is random at each display (spid-registry-and-idps, 3). Fisher–Yates. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const chosen = randomInt(last + 1);
    [result[last], result[chosen]] = [result[chosen] as T, result[last] as T];
  }
  return result;
}

/** Builds and signs the request; writes the pending request and the register entry before anything leaves. */
async function depart(
  options: SpidOptions,
  entity: Entity,
  login: Login,
  offerId: string,
): Promise<Departure> {
  const provider = options.providers.find(offerId);
  if (!provider) throw new Refused('unknown_provider', 'no such SPID identity provider');
  const set = smallestCoveringSet(entity, [...login.attributes, ...KEY_ATTRIBUTES]);
  if (!set) {
    throw new Misconfigured(
      'no_attribute_set',
      `no attribute set of ${entity.id} covers what ${login.client.id} wants`,
    );
  }
  const now = options.clock.now();
  const { binding, destination } = destinationOf(provider, options.binding);
  const request = {
    entity,
    id: newId(),
    issueInstant: now,
    destination,
    level: login.level,
    comparison: options.comparison,
    // Above level 1 always (spid-authn-request, 1); at level 1 only if the service wants a fresh login.
    forceAuthn: login.forceAuthn || login.level > 1,
    acsIndex: 0,
    attributeSetIndex: set.index,
  };
  const relayState = randomBytes(24).toString('base64url');
  const { departure, evidence } = departBy(binding, {
    xml: buildAuthnRequest(request),
    destination,
    relayState,
    key: options.signingKey(entity),
  });
  const transactionId = randomUUID();
  const pending: PendingRequest = {
    id: request.id,
    loginUid: login.uid,
    transactionId,
    reference: login.reference,
    clientId: login.client.id,
    entityId: entity.id,
    issuer: entity.entityId,
    provider: provider.entityId,
    destination,
    binding,
    issueInstant: now,
    level: login.level,
    comparison: options.comparison,
    forceAuthn: request.forceAuthn,
    minimumLevel: login.client.minimumLevel,
    acsUrl: assertionConsumerUrl(options.publicUrl, entity),
    attributeSet: { index: set.index, attributes: set.attributes },
    requiredAttributes: login.client.attributes
      .filter((a) => a.required && login.attributes.includes(a.name))
      .map((a) => a.name),
    relayStateHash: sha256(relayState),
    createdAt: now,
    expiresAt: new Date(now.getTime() + options.requestMinutes * 60_000),
    consumedAt: null,
    answerHash: null,
  };
  await options.store.transaction(async (transaction) => {
    await insert(transaction, pending);
    await options.register.append(transaction, {
      transactionId,
      reference: login.reference,
      at: now,
      kind: 'request',
      source: 'spid',
      entityId: entity.id,
      clientId: login.client.id,
      provider: provider.entityId,
      requestId: request.id,
      evidence: {
        ...evidence,
        binding,
        level: login.level,
        comparison: options.comparison,
        attributeSet: set.index,
      },
    });
  });
  options.log.event({
    event: 'spid_request_sent',
    reference: login.reference,
    entity: entity.id,
    client: login.client.id,
    provider: provider.entityId,
    level: login.level,
  });
  return departure;
}

/** The preferred binding where the provider has it, else the other (spid-authn-request, 4). */
function destinationOf(
  provider: IdentityProvider,
  preferred: Binding,
): { binding: Binding; destination: string } {
  for (const binding of preferred === 'post'
    ? (['post', 'redirect'] as const)
    : (['redirect', 'post'] as const)) {
    const destination = provider.singleSignOn[binding];
    if (destination) return { binding, destination };
  }
  throw new Misconfigured(
    'no_single_sign_on',
    `${provider.entityId} publishes no usable SingleSignOnService`,
  );
}

/** The same bytes to everybody, for ever: providers and AgID compare them (spid-sp-metadata, 1). */
async function serveMetadata(ctx: Context, options: SpidOptions, entity: Entity): Promise<void> {
  const bytes = Buffer.from(await options.metadata(entity));
  ctx.type = 'application/samlmetadata+xml';
  ctx.etag = sha256(bytes);
  ctx.set('Cache-Control', 'public, max-age=300');
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = bytes;
}

/** The single logout service. We send no LogoutRequest of our own, so no LogoutResponse can be for us. */
async function answerLogout(
  ctx: Context,
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  journey: Journey,
): Promise<void> {
  const { departure, provider } = await answerLogoutRequest(options, entity, arrival, journey);
  journey.send(ctx, departure, provider);
}

/** The assertion consumer service: judge, then claim and register in one transaction, then continue on a same-site GET. */
async function consumeAssertion(
  ctx: Context,
  options: SpidOptions,
  entity: Entity,
  journey: Journey,
): Promise<void> {
  const now = options.clock.now();
  const verdict = await judge({
    method: ctx.method,
    contentType: ctx.get('content-type'),
    body: await readBody(ctx.req, BODY_LIMIT),
    acsUrl: assertionConsumerUrl(options.publicUrl, entity),
    now,
    skewSeconds: options.skewSeconds,
    find: (id) => find(options.store.db, id),
    provider: (entityId) => options.providers.find(entityId),
  });
  const outcome = await options.store.transaction((transaction) =>
    settle(transaction, options, entity, verdict, now, journey),
  );
  if (outcome.continuation === undefined) {
    await journey.fail(ctx, outcome.failure);
    return;
  }
  ctx.status = 303;
  ctx.redirect(outcome.continuation);
}

type Outcome =
  { readonly continuation: string } | { readonly continuation?: undefined; readonly failure: Failure };

/** Claims, registers and hands over, all in one transaction: there is no code without its register entry. */
async function settle(
  transaction: Transaction,
  options: SpidOptions,
  entity: Entity,
  verdict: Verdict,
  now: Date,
  journey: Journey,
): Promise<Outcome> {
  const settled = await claimVerdict(transaction, verdict, now);
  const { pending } = settled;
  const reference = pending?.reference ?? newReference();
  await options.register.append(transaction, {
    transactionId: pending?.transactionId ?? randomUUID(),
    reference,
    at: now,
    kind: 'response',
    source: 'spid',
    entityId: pending?.entityId ?? entity.id,
    clientId: pending?.clientId,
    provider: pending?.provider,
    requestId: settled.requestId,
    messageId: settled.evidence.responseId,
    assertionId: settled.evidence.assertionId,
    outcome: outcomeCode(settled),
    person: settled.outcome === 'accepted' ? settled.identity.person : undefined,
    evidence: {
      ...settled.evidence,
      ...(settled.outcome === 'accepted'
        ? { verifiedBy: keyFingerprint(settled.verifiedBy), level: settled.identity.level }
        : {}),
    },
  });
  logVerdict(options.log, entity, settled, reference);
  if (settled.outcome === 'accepted') {
    return { continuation: await journey.arrive(transaction, settled.pending.loginUid, settled.identity) };
  }
  if (isSameAnswerAgain(settled, now))
    return { continuation: journey.continuation(settled.pending.loginUid) };
  return { failure: failureOf(settled, reference) };
}

/** Uses up the request where the specification says so; whoever comes second is refused (C2, A1). */
async function claimVerdict(transaction: Transaction, verdict: Verdict, now: Date): Promise<Verdict> {
  if (verdict.outcome === 'refused') {
    if (verdict.pending && verdict.signatureVerified)
      await claim(transaction, verdict.pending.id, verdict.answerHash, now);
    return verdict;
  }
  const { evidence, answerHash, requestId, pending } = verdict;
  const refusal = async (check: string, detail: string): Promise<Verdict> => ({
    // Read again: another answer has consumed it since.
    pending: await find(transaction, pending.id),
    ...{ evidence, answerHash, requestId, check, detail },
    ...{ outcome: 'refused', reason: 'already-used', status: 400, signatureVerified: true },
  });
  if (!(await claim(transaction, pending.id, answerHash, now))) return refusal('C2', 'already answered');
  if (verdict.outcome === 'anomaly') return verdict;
  const until = new Date(verdict.notOnOrAfter.getTime() + ASSERTION_REMEMBERED_MS);
  const first = await rememberAssertion(transaction, pending.provider, verdict.assertionId, until);
  return first ? verdict : refusal('A1', 'the assertion was used before');
}

/** A hasty browser posts the same form twice: the second one may go where the first one went, and no further. */
function isSameAnswerAgain(
  verdict: Verdict,
  now: Date,
): verdict is Verdict & { readonly outcome: 'refused'; readonly pending: PendingRequest } {
  return (
    verdict.outcome === 'refused' &&
    verdict.reason === 'already-used' &&
    verdict.pending?.answerHash === verdict.answerHash &&
    verdict.pending.consumedAt !== null &&
    now.getTime() - verdict.pending.consumedAt.getTime() < SAME_ANSWER_MS
  );
}

function outcomeCode(verdict: Verdict): string {
  if (verdict.outcome === 'accepted') return 'accepted';
  return verdict.outcome === 'anomaly' ? verdict.anomaly.code : verdict.check;
}

function failureOf(verdict: Exclude<Verdict, { outcome: 'accepted' }>, reference: string): Failure {
  const loginUid = verdict.pending
    ? { loginUid: verdict.pending.loginUid, provider: verdict.pending.provider, level: verdict.pending.level }
    : {};
  return verdict.outcome === 'anomaly'
    ? { code: verdict.anomaly.code, reason: verdict.anomaly.reason, status: 403, reference, ...loginUid }
    : { code: 'spid_response', reason: verdict.reason, status: verdict.status, reference, ...loginUid };
}

function logVerdict(log: Log, entity: Entity, verdict: Verdict, reference: string): void {
  const { pending } = verdict;
  const common = { reference, entity: entity.id };
  if (verdict.outcome === 'refused') {
    log.event({
      event: 'spid_response_refused',
      ...common,
      check: verdict.check,
      reason: verdict.detail,
      client: pending?.clientId,
      provider: pending?.provider,
    });
    return;
  }
  const { clientId: client, provider } = verdict.pending;
  log.event(
    verdict.outcome === 'anomaly'
      ? { event: 'spid_anomaly', ...common, client, provider, code: verdict.anomaly.code }
      : { event: 'spid_response_accepted', ...common, client, provider, level: verdict.identity.level },
  );
}

/** SHA-256 of the public key: the signature can be verified again after the provider's rollover. */
function keyFingerprint(key: KeyObject): string {
  return sha256(key.export({ format: 'der', type: 'spki' }));
}
