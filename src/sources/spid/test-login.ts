import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { smallestCoveringSet, type AttributeSet, type Entity } from '../../entities/entity.ts';
import { LEVELS, type Level } from '../../identity/level.ts';
import { CannotOpen, type Cipher } from '../../keys/cipher.ts';
import { Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import type { Journey, Login } from '../source.ts';
import type { Leniency } from './leniency.ts';
import { depart } from './depart.ts';
import type { SpidOptions, TestLogins } from './options.ts';
import { sha256, type PendingRequest } from './pending.ts';
import type { IdentityProviders } from './registry.ts';
import type { Binding, Comparison } from './request.ts';

/** The client of a test login: none. No service can be called so. */
const NOBODY = 'test:login';

const COOKIE = 'spid_test_login';

/** How long the result page may be looked at, in milliseconds. */
const RESULT_MS = 10 * 60 * 1000;

export const testLoginPath = (entity: Entity): string => `/spid/${entity.id}/test-login`;

/**
 * Logins without a service, as AgID's checkers start them: one GET is answered with the form (200) or with the redirect
 * (302), and success ends on a page that says so (spid-authn-request, 10). No session opens and no person is stored:
 * what a test provider vouches for is good for nothing else.
 */
export function mountTestLogins(
  router: Router,
  options: SpidOptions,
  tests: TestLogins,
  journey: Journey,
): void {
  const open = () => options.clock.now() < tests.until;
  router.get('/spid/test-logins', (ctx) => {
    if (!open()) return;
    ctx.body = { entities: options.entities.list().map((entity) => described(options, tests, entity)) };
  });
  router.get('/spid/:entity/test-login', async (ctx) => {
    const entity = (await options.entities.fresh()).get(ctx.params.entity ?? '');
    if (entity && open()) await start(ctx, options, tests, entity, journey);
  });
  router.get('/spid/:entity/test-login/result', (ctx) => {
    const entity = options.entities.get(ctx.params.entity ?? '');
    if (entity && open()) showResult(ctx, options, tests, entity, journey);
  });
}

/** Whether a request left for a test login: only then a test provider may answer it, and nobody else. */
export function isTest({ clientId }: Pick<PendingRequest, 'clientId'>): boolean {
  return clientId === NOBODY;
}

/** The providers that may answer a request. */
export function providersFor(options: SpidOptions, pending: PendingRequest): Pick<IdentityProviders, 'find'> {
  if (!isTest(pending)) return options.providers;
  const { tests, clock } = options;
  return tests && clock.now() < tests.until ? tests.providers : { find: () => undefined };
}

/** What the provider that answers a request is let off: nothing in a test login, which is always strict. */
export function leniencyFor(
  { lenient }: Pick<SpidOptions, 'lenient'>,
  pending: Pick<PendingRequest, 'clientId' | 'provider'>,
): readonly Leniency[] {
  return isTest(pending) ? [] : lenient(pending.provider);
}

/**
 * Where a test login that succeeded continues: an address that only the gateway can make, and that only the browser
 * which began it can open.
 */
export function testResult(
  { tests, publicUrl, entities, clock }: SpidOptions,
  pending: PendingRequest,
  level: Level,
): string {
  const entity = entities.get(pending.entityId);
  if (!tests || !entity) throw new Error('a test login without test logins');
  const result: Result = {
    browser: sha256(pending.loginUid),
    provider: pending.provider,
    reference: pending.reference,
    level,
    expiresAt: clock.now().getTime() + RESULT_MS,
  };
  const sealed = tests.cipher.seal(Buffer.from(JSON.stringify(result)), context(entity));
  return `${publicUrl}${testLoginPath(entity)}/result?of=${Buffer.from(sealed).toString('base64url')}`;
}

interface Result {
  readonly browser: string;
  readonly provider: string;
  readonly reference: string;
  readonly level: Level;
  readonly expiresAt: number;
}

const context = (entity: Entity): string => `test-login:${entity.id}`;

async function start(
  ctx: Context,
  options: SpidOptions,
  tests: TestLogins,
  entity: Entity,
  journey: Journey,
): Promise<void> {
  const asked = askedBy(ctx, options, tests, entity);
  const uid = randomBytes(24).toString('base64url');
  const login: Login = {
    uid,
    reference: newReference(),
    client: clientOf(entity, asked.set),
    level: asked.level,
    forceAuthn: false,
    attributes: asked.set.attributes,
    language: 'it',
  };
  const { providers } = tests;
  const { binding, comparison, set, provider } = asked;
  const departure = await depart(
    { ...options, providers, binding: () => binding, comparison, isTestProvider: () => false },
    entity,
    login,
    provider.entityId,
    set,
  );
  ctx.cookies.set(COOKIE, uid, {
    signed: false,
    httpOnly: true,
    sameSite: 'lax',
    path: testLoginPath(entity),
  });
  journey.send(ctx, departure, provider.name);
}

/** Nobody's registration: as little as a request needs. */
function clientOf(entity: Entity, set: AttributeSet): Login['client'] {
  const name = { it: 'Accesso di prova', en: 'Test login' };
  return {
    id: NOBODY,
    entity: entity.id,
    name,
    homePage: entity.entityId,
    sector: NOBODY,
    applicationType: 'web',
    redirectUris: [],
    postLogoutRedirectUris: [],
    authMethod: 'none',
    refreshTokens: false,
    idTokenAlgorithm: 'RS256',
    // The table of levels alone decides (spid-response-validation, 5.3).
    minimumLevel: 1,
    // Without the key of the subject there is no login (A21); the rest a provider may not have.
    attributes: set.attributes.map((each) => ({
      name: each,
      purpose: name,
      required: each === 'fiscalNumber',
    })),
  };
}

const BINDINGS: readonly Binding[] = ['post', 'redirect'];
const COMPARISONS: readonly Comparison[] = ['exact', 'minimum', 'better', 'maximum'];

/** @throws Refused `test_login` naming the parameter and what is allowed */
function askedBy({ query }: Context, options: SpidOptions, { providers }: TestLogins, entity: Entity) {
  const one = <T>(
    name: string,
    allowed: readonly T[],
    otherwise: T | undefined,
    text: (one: T) => string,
  ): T => {
    const given = query[name];
    const found = given === undefined ? otherwise : allowed.find((each) => text(each) === given);
    if (found !== undefined) return found;
    throw new Refused('test_login', `${name}: allowed: ${allowed.map(text).join(', ')}`);
  };
  const all = providers.all();
  const provider = one('idp', all, all.length === 1 ? all[0] : undefined, ({ entityId }) => entityId);
  const sets = usableSets(options, entity, provider.entityId);
  const level = one('level', LEVELS, 2, String);
  const set = one('set', sets, sets[0], ({ index }) => String(index));
  const binding = one('binding', BINDINGS, options.binding(provider.entityId), String);
  const satisfiable = COMPARISONS.filter((each) => each !== 'better' || level < 3);
  const comparison = one('comparison', satisfiable, options.comparison, String);
  return { provider, level, set, binding, comparison };
}

/** Of those in force at a provider, the ones a subject can be known by. */
function usableSets({ entities }: SpidOptions, entity: Entity, provider: string): readonly AttributeSet[] {
  const sets = entities.inForce(entity.id, provider)?.attributeSets ?? [];
  return sets.filter((set) => smallestCoveringSet({ attributeSets: [set] }, ['spidCode', 'fiscalNumber']));
}

/** For the self-check: what can be tried here. */
function described(options: SpidOptions, { providers, until }: TestLogins, entity: Entity) {
  const [first] = providers.all();
  return {
    id: entity.id,
    metadata: entity.entityId,
    login: `${options.publicUrl}${testLoginPath(entity)}`,
    providers: providers.all().map(({ entityId }) => entityId),
    levels: LEVELS,
    bindings: BINDINGS,
    comparisons: COMPARISONS,
    sets: usableSets(options, entity, first?.entityId ?? '').map(({ index }) => index),
    until: until.toISOString(),
  };
}

function showResult(
  ctx: Context,
  { clock }: SpidOptions,
  { cipher }: TestLogins,
  entity: Entity,
  journey: Journey,
): void {
  const uid = ctx.cookies.get(COOKIE, { signed: false });
  const result = opened(cipher, String(ctx.query['of']), entity);
  if (!result || !uid || result.browser !== sha256(uid) || result.expiresAt <= clock.now().getTime()) {
    throw new Refused('test_login', 'no test login of this browser');
  }
  journey.showTested(ctx, result);
}

/** @returns undefined for what the gateway did not make */
function opened(cipher: Cipher, sealed: string, entity: Entity): Result | undefined {
  try {
    return JSON.parse(
      cipher.open(Buffer.from(sealed, 'base64url'), context(entity)).toString('utf8'),
    ) as Result;
  } catch (error) {
    if (error instanceof CannotOpen) return undefined;
    throw error;
  }
}
