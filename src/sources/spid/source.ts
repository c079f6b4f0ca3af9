import { randomInt } from 'node:crypto';
import type { Context } from 'koa';
import type { Entity } from '../../entities/entity.ts';
import { readBody } from '../../operations/body.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { parseForm } from '../../saml/bindings.ts';
import type { IdentitySource, Journey, Login, Offer } from '../source.ts';
import { BODY_LIMIT, consumeAssertion } from './consume.ts';
import { depart } from './depart.ts';
import { answerLogoutRequest, rawQueryOf, type LogoutArrival } from './logout.ts';
import { registerRefusedLogout } from './logout-refused.ts';
import type { SpidOptions } from './options.ts';
import { sha256 } from './pending.ts';
import { mountTestLogins } from './test-login.ts';

/** SPID: the gateway as a SAML service provider under AgID's rules. */
export function spidSource(options: SpidOptions): IdentitySource {
  const entities = new Map(options.entities.map((entity) => [entity.id, entity]));

  return {
    kind: 'spid',
    offers: () =>
      shuffled(options.providers.inUse()).map(({ entityId, name }): Offer => ({ id: entityId, name })),
    unavailable: () =>
      options.providers.switchedOff().map(({ name, since, notice }) => ({ name, since, notice })),
    depart: (login, offerId) => depart(options, entityOf(entities, login), login, offerId),
    mount(router, journey) {
      if (options.tests) mountTestLogins(router, options, options.tests, journey);
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
    notReady: () => (options.providers.inUse().length === 0 ? ['no SPID identity provider is loaded'] : []),
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
  const { departure, provider } = await answerLogoutRequest(options, entity, arrival, journey).catch(
    async (error: unknown) => {
      throw error instanceof Refused ? await registerRefusedLogout(options, entity, arrival, error) : error;
    },
  );
  journey.send(ctx, departure, provider);
}
