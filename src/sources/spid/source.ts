import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { assertionConsumerUrl, smallestCoveringSet, type Entity } from '../../entities/entity.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import { readBody } from '../../operations/body.ts';
import type { Clock } from '../../operations/clock.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import type { Log } from '../../operations/log.ts';
import { newReference } from '../../operations/reference.ts';
import type { Register } from '../../register/register.ts';
import { newId } from '../../saml/documents.ts';
import type { SigningKey } from '../../saml/signature.ts';
import type { Store } from '../../store/store.ts';
import type { Departure, IdentitySource, Journey, Login, Offer } from '../source.ts';
import { claim, find, insert, rememberAssertion, type PendingRequest } from './pending.ts';
import type { IdentityProvider, IdentityProviders } from './registry.ts';
import { buildAuthnRequest, departBy, type Binding, type Comparison } from './request.ts';
import { judge, type Verdict } from './response.ts';

/** A SAML response of 256 KiB, in base64, in a form body where every character may be escaped, with room for RelayState. */
const BODY_LIMIT = 1_100_000;

/** Attributes the person key is made of: asked of the provider even when the client may not see them (one-identity, 1). */
const KEY_ATTRIBUTES: readonly AttributeName[] = ['spidCode', 'fiscalNumber'];

/** The same answer posted again within this time by a hasty browser continues the login instead of ending it. */
const SAME_ANSWER_MS = 60_000;

export interface SpidOptions {
  readonly publicUrl: string;
  readonly entities: readonly Entity[];
  readonly providers: IdentityProviders;
  readonly signingKey: (entity: Entity) => SigningKey;
  /** The metadata in force of an entity: signed, immutable bytes. */
  readonly metadata: (entity: Entity) => Promise<Uint8Array>;
  readonly binding: Binding;
  readonly comparison: Comparison;
  readonly skewSeconds: number;
  readonly requestMinutes: number;
  readonly store: Store;
  readonly register: Register;
  readonly log: Log;
  readonly clock: Clock;
}

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
    forceAuthn: login.forceAuthn,
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
    acsIndex: request.acsIndex,
    acsUrl: assertionConsumerUrl(options.publicUrl, entity),
    attributeSet: { index: set.index, attributes: set.attributes },
    requiredAttributes: login.client.attributes
      .filter((a) => a.required && login.attributes.includes(a.name))
      .map((a) => a.name),
    minimumLevel: login.level,
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
  const outcome = await settle(options, entity, verdict, now, journey);
  if (outcome.continuation !== undefined) {
    ctx.status = 303;
    ctx.redirect(outcome.continuation);
    return;
  }
  await journey.fail(ctx, outcome.failure);
}
