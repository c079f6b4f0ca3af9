import { randomInt } from 'node:crypto';
import type { Context } from 'koa';
import type { Entity } from '../../entities/entity.ts';
import { PREVIEW_PATH } from '../../entities/life-cycle.ts';
import { readBody } from '../../operations/body.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import { parseForm } from '../../saml/bindings.ts';
import type { IdentitySource, Journey, Login, Offer } from '../source.ts';
import { LOGO_PATH } from './displays/displays.ts';
import { ClockDrift, type ClockSuspicion } from './clock-drift.ts';
import { BODY_LIMIT, consumeAssertion } from './consume.ts';
import { depart } from './depart.ts';
import { answerLogoutRequest } from './logout.ts';
import { holds, rawQueryOf, type LogoutArrival } from './logout-message.ts';
import { registerRefusedLogout } from './logout-refused.ts';
import type { SpidOptions } from './options.ts';
import { sha256 } from './pending.ts';
import { acceptLogoutResponse, closeSession, closesSessions } from './sign-out.ts';
import { mountTestLogins } from './test-login.ts';

/** The part of a router's context that is needed here. */
type RoutedContext = Context & { readonly params: Readonly<Record<string, string>> };

/** SPID: the gateway as a SAML service provider under AgID's rules. */
export function spidSource(options: SpidOptions): IdentitySource {
  const drift = new ClockDrift();
  /** The entity that a path names; bodies may have come or gone since the last request. */
  const addressed = async (ctx: RoutedContext): Promise<Entity | undefined> =>
    (await options.entities.fresh()).get(ctx.params.entity ?? '');

  const shownName = ({ entityId, name }: { readonly entityId: string; readonly name: string }): string =>
    options.displays?.nameOf(entityId) ?? name;

  return {
    kind: 'spid',
    offers: ({ client }) =>
      shuffled(ofStage(options, client.testing)).map((provider): Offer => {
        const logo = options.displays?.logoOf(provider.entityId);
        return { id: provider.entityId, name: shownName(provider), ...(logo ? { logo } : {}) };
      }),
    unavailable: () =>
      options.providers
        .switchedOff()
        .filter(({ entityId }) => !options.isTestProvider(entityId))
        .map(({ entityId, name, since, notice }) => ({ name: shownName({ entityId, name }), since, notice })),
    nameOf: (entityId) => {
      const provider = options.providers.listed(entityId);
      return provider && shownName(provider);
    },
    closesSessions: (provider) => closesSessions(options, provider),
    closeSession: (transaction, session) => closeSession(options, transaction, session),
    async depart(login, offerId) {
      await options.entities.fresh();
      return depart(options, entityOf(options, login), login, offerId);
    },
    mount(router, journey) {
      if (options.tests) mountTestLogins(router, options, options.tests, journey);
      // Anything below the gateway's address may be an entityID: looked at last, when nothing else answers.
      router.get('/{*path}', async (ctx, next) => {
        const known = options.entities.atPath(ctx.path);
        if (!known) await next();
        if (ctx.status !== 404 || ctx.body !== undefined) return;
        const entity = known ?? (await options.entities.fresh()).atPath(ctx.path);
        if (entity) serveMetadata(ctx, await options.metadata(entity), 'public, max-age=300');
      });
      router.get(`${PREVIEW_PATH}/:secret`, async (ctx) =>
        serveMetadata(ctx, await options.preview(ctx.params.secret ?? ''), 'no-store'),
      );
      router.get(`${LOGO_PATH}/:hash.png`, async (ctx) => serveLogo(ctx, options, ctx.params.hash ?? ''));
      router.post('/spid/:entity/acs', async (ctx) => {
        const entity = await addressed(ctx);
        if (entity) await consumeAssertion(ctx, options, entity, journey, drift);
      });
      router.get('/spid/:entity/acs', async (ctx) => {
        if (await addressed(ctx)) await refuseWithoutAnswer(ctx, options, journey);
      });
      router.get('/spid/:entity/slo', async (ctx) => {
        const entity = await addressed(ctx);
        const arrival = { binding: 'redirect', rawQuery: rawQueryOf(ctx) } as const;
        if (entity) await answerLogout(ctx, options, entity, arrival, journey);
      });
      router.post('/spid/:entity/slo', async (ctx) => {
        const entity = await addressed(ctx);
        if (!entity) return;
        const form = parseForm(await readBody(ctx.req, BODY_LIMIT));
        await answerLogout(ctx, options, entity, { binding: 'post', form }, journey);
      });
    },
    warnings: () => clockWarnings(drift.suspicion(options.clock.now())),
    notReady: () => (ofStage(options, false).length === 0 ? ['no SPID identity provider is loaded'] : []),
  };
}

/** A bookmark, or a reload from the address bar: answers come by POST only. */
async function refuseWithoutAnswer(ctx: Context, { log }: SpidOptions, journey: Journey): Promise<void> {
  const [code, status, reference] = ['acs_without_answer', 405, newReference()] as const;
  log.event({ event: 'request_refused', reference, code, status, method: ctx.method, route: '/spid' });
  ctx.set('Allow', 'POST');
  await journey.fail(ctx, { code, reason: 'no-answer', status, reference });
}

/** Providers in use that may answer for clients of a stage. */
function ofStage({ providers, isTestProvider }: SpidOptions, testing = false) {
  return providers.inUse().filter(({ entityId }) => isTestProvider(entityId) === testing);
}

function clockWarnings(suspicion: ClockSuspicion | undefined): string[] {
  if (!suspicion) return [];
  const { offsetSeconds, providers, responses } = suspicion;
  const direction = offsetSeconds > 0 ? 'ahead of' : 'behind';
  return [
    `the system clock looks wrong: about ${Math.abs(offsetSeconds)} s ${direction} the providers (${responses} responses, ${providers} providers); check NTP`,
  ];
}

function entityOf({ entities }: SpidOptions, login: Login): Entity {
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
function serveMetadata(ctx: Context, metadata: Uint8Array | undefined, caching: string): void {
  if (!metadata) return;
  const bytes = Buffer.from(metadata);
  ctx.type = 'application/samlmetadata+xml';
  ctx.etag = sha256(bytes);
  ctx.set('Cache-Control', caching);
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = bytes;
}

/** From our own address, and as a picture only. */
async function serveLogo(ctx: Context, { displays }: SpidOptions, hash: string): Promise<void> {
  const logo = await displays?.logo(hash);
  if (!logo) return;
  ctx.type = 'image/png';
  ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
  ctx.body = Buffer.from(logo);
}

/**
 * The single logout service, for both directions: requests of providers, and their responses to ours. What is refused is
 * kept as well, with the code of the refusal.
 */
async function answerLogout(
  ctx: Context,
  options: SpidOptions,
  entity: Entity,
  arrival: LogoutArrival,
  journey: Journey,
): Promise<void> {
  const refused = async (error: unknown): Promise<never> => {
    throw error instanceof Refused ? await registerRefusedLogout(options, entity, arrival, error) : error;
  };
  if (holds(arrival, 'SAMLResponse')) {
    const path = await acceptLogoutResponse(options, entity, arrival, journey).catch(refused);
    ctx.status = 303;
    ctx.redirect(path);
    return;
  }
  const { departure, provider } = await answerLogoutRequest(options, entity, arrival, journey).catch(refused);
  journey.send(ctx, departure, provider);
}
