import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import type { Client } from './clients/client.ts';
import { ClientRegister, type DeclaredClient } from './clients/register.ts';
import { clientViolations } from './clients/rules.ts';
import type { Configuration } from './config/schema.ts';
import type { Entity } from './entities/entity.ts';
import { MetadataVersions } from './entities/metadata-versions.ts';
import { entityViolations, type Violation } from './entities/rules.ts';
import { Identities } from './identity/identities.ts';
import type { Level } from './identity/level.ts';
import { Persons } from './identity/persons.ts';
import { loadKeys, type KeyRing } from './keys/directory.ts';
import { keyProblems } from './keys/expiry.ts';
import { mountJourney } from './login/journey.ts';
import { Logins } from './login/logins.ts';
import { missingForReuse } from './login/reuse.ts';
import { loginPath } from './login/room.ts';
import type { Clock } from './operations/clock.ts';
import { Misconfigured } from './operations/errors.ts';
import type { Log } from './operations/log.ts';
import { listen } from './operations/server.ts';
import { createProvider } from './provider/provider.ts';
import { Register } from './register/register.ts';
import { buildMetadata, sealMetadata } from './sources/spid/metadata.ts';
import { IdentityProviders } from './sources/spid/registry.ts';
import { spidSource } from './sources/spid/source.ts';
import { openStore, type Store } from './store/store.ts';
import { createApp, createRouter, frameFor, showProblem, type WebOptions } from './web/app.ts';
import { mountHealth } from './web/health.ts';
import { languageOf } from './web/language.ts';
import { homePage } from './web/pages/home.ts';
import { loggedOutPage, logoutPage } from './web/pages/logout.ts';
import { loadAssets } from './web/static/assets.ts';

export interface Gateway {
  /** `host:port` as bound. */
  readonly listening: string;
  /** Answers what is in flight, then lets go of everything. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** How often what has expired is deleted, in milliseconds. */
const PURGE_EVERY_MS = 10 * 60 * 1000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is built on a login of level 3 is used at once or not at all, in seconds. */
const LEVEL_3_STANDING_SECONDS = 15 * 60;

/**
 * Builds the gateway from its configuration and opens its doors: the only place where rooms meet.
 * @throws Misconfigured when something has to be changed first
 */
export async function startGateway(configuration: Configuration, options: GatewayOptions): Promise<Gateway> {
  const entities = checkedEntities(configuration);
  const clients = checkedClients(configuration, entities);
  const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
  const store = await openStore(configuration.store.url, options.clock);
  try {
    const app = await assemble(configuration, options, { entities, clients, keys, store });
    const server = await listen(app, configuration.listen.host, configuration.listen.port);
    const chores = [
      setInterval(() => void purge(store, options.log), PURGE_EVERY_MS).unref(),
      setInterval(() => reportKeyProblems(keys, options), DAY_MS).unref(),
    ];
    reportKeyProblems(keys, options);
    options.log.event({ event: 'started', url: configuration.publicUrl });
    return {
      listening: server.address,
      async stop() {
        chores.forEach((chore) => clearInterval(chore));
        await server.stop();
        await store.close();
        options.log.event({ event: 'stopped' });
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly entities: readonly Entity[];
  readonly clients: readonly DeclaredClient[];
  readonly keys: KeyRing;
  readonly store: Store;
}

async function assemble(configuration: Configuration, { clock, log }: GatewayOptions, parts: Parts) {
  const { publicUrl } = configuration;
  const { entities, keys, store } = parts;
  const clients = new ClientRegister(store, clock);
  await clients.seed(parts.clients);
  const identities = new Identities(store, keys.cipher, clock);
  const assets = loadAssets();
  const spid = assembleSpid(configuration, { clock, log }, parts);
  const standingSeconds = standing(configuration);

  const web = { publicUrl, behindProxy: configuration.behindProxy, brand: configuration.brand, assets, log };
  const provider = createProvider({
    ...{ publicUrl, store, clock, log, clients, identities },
    cipher: keys.cipher,
    cookieKeys: keys.cookies,
    signingKeys: keys.oidc,
    subject: (sector, personId) => keys.subject(sector, personId),
    claimsPrefix: configuration.claims.prefix,
    loginPath,
    sessionAnswers: (session, request) =>
      missingForReuse(session, request, reusePolicy(configuration), clock.now()) === undefined,
    lifetimes: { login: configuration.sessions.loginMinutes * 60, standing: standingSeconds },
    pages: providerPages(web),
  });

  const router = createRouter();
  mountHealth(router, [
    {
      name: 'store',
      check: () =>
        store.ping().then(
          () => undefined,
          () => 'the store does not answer',
        ),
    },
    { name: 'spid', check: async () => spid.notReady()[0] },
  ]);
  router.get('/', async (ctx) => {
    const language = languageOf(ctx);
    const services = (await clients.list()).map((client) => ({
      name: client.name[language],
      url: client.homePage,
    }));
    ctx.type = 'html';
    ctx.body = homePage(frameFor(ctx, web, language), services);
  });
  mountJourney(router, {
    ...{ publicUrl, clock, log, clients, provider, identities },
    brand: configuration.brand,
    asset: assets.url,
    entities: new Map(entities.map((entity) => [entity.id, entity])),
    sources: [spid],
    logins: new Logins(store, keys.cipher),
    queryable: store.db,
    persons: new Persons(keys.personHash, clock),
    standingMs: (level) => standingSeconds(level) * 1000,
  });
  return createApp({ ...web, cookieKeys: provider.cookieKeys }, router, provider.middleware).callback();
}

function assembleSpid(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { entities, keys, store }: Parts,
) {
  const { publicUrl } = configuration;
  const spid = configuration.sources.spid;
  const versions = new MetadataVersions(store, clock);
  return spidSource({
    ...{ publicUrl, entities, store, log, clock },
    providers: loadProviders(spid.identityProviders, log),
    signingKey: (entity) => keys.saml(entity.id),
    metadata: (entity) => {
      const key = keys.saml(entity.id);
      const certificates = [key.certificate];
      return versions.current(entity.id, buildMetadata(entity, publicUrl, certificates, ''), () =>
        sealMetadata(entity, publicUrl, certificates, key),
      );
    },
    binding: spid.binding,
    comparison: spid.comparison,
    skewSeconds: spid.skewSeconds,
    requestMinutes: spid.requestMinutes,
    register: new Register(keys.cipher, keys.personHash),
  });
}

function loadProviders(
  from: Configuration['sources']['spid']['identityProviders'],
  log: Log,
): IdentityProviders {
  const providers = new IdentityProviders();
  const signers = from.trustedSigners.map((file) => new X509Certificate(readFileSync(file)).publicKey);
  const problems = providers.addDirectory(from.directory, signers.length > 0 ? signers : undefined);
  for (const problem of problems) log.event({ event: 'metadata_problem', ...problem });
  log.event({ event: 'providers_loaded', count: providers.all().length });
  return providers;
}

function providerPages(web: Omit<WebOptions, 'cookieKeys'>): Parameters<typeof createProvider>[0]['pages'] {
  return {
    problem(ctx, { code, status }) {
      // What is wrong with the request of a service is said to the service's developer by code, to the citizen in words.
      showProblem(ctx, web, status, status >= 500 ? 'internal' : 'client-fault', code);
    },
    logoutQuestion(ctx, { action, xsrf, client }) {
      const language = languageOf(ctx);
      ctx.type = 'html';
      ctx.body = logoutPage(frameFor(ctx, web, language), { service: client?.name[language], action, xsrf });
    },
    loggedOut(ctx, client) {
      ctx.type = 'html';
      ctx.body = loggedOutPage(frameFor(ctx, web, languageOf(ctx)), { home: client?.homePage });
    },
  };
}

function reusePolicy({ sessions }: Configuration) {
  return { level1Ms: sessions.level1Minutes * 60_000, level2Ms: sessions.level2Minutes * 60_000 };
}

/** Seconds that an authentication of a level carries: never less than it takes to redeem a code and use its token. */
function standing({ sessions }: Configuration): (level: Level) => number {
  const seconds: Record<Level, number> = {
    1: Math.max(sessions.level1Minutes * 60, LEVEL_3_STANDING_SECONDS),
    2: Math.max(sessions.level2Minutes * 60, LEVEL_3_STANDING_SECONDS),
    3: LEVEL_3_STANDING_SECONDS,
  };
  return (level) => seconds[level];
}

function checkedEntities({ entities, publicUrl }: Configuration): readonly Entity[] {
  refuseViolations(
    entities.flatMap((entity, at) => [
      ...prefixed(`entities[${at}]`, entityViolations(entity as Entity, publicUrl)),
      ...entities
        .slice(0, at)
        .filter(({ id, entityId }) => id === entity.id || entityId === entity.entityId)
        .map(() => ({
          rule: 'spid-sp-metadata 1',
          key: `entities[${at}]`,
          found: entity.id,
          allowed: 'an id and an entityId of its own',
        })),
    ]),
  );
  return entities as readonly Entity[];
}

function checkedClients(
  configuration: Configuration,
  entities: readonly Entity[],
): readonly DeclaredClient[] {
  const declared = configuration.clients.map(({ secrets, sector, ...rest }) => ({
    client: { ...rest, sector: sector ?? rest.entity } as Client,
    secrets,
  }));
  refuseViolations(
    declared.flatMap(({ client, secrets }, at) =>
      prefixed(
        `clients[${at}]`,
        clientViolations(
          client,
          entities.find(({ id }) => id === client.entity),
          secrets.length,
        ),
      ),
    ),
  );
  return declared;
}

function prefixed(path: string, violations: readonly Violation[]): Violation[] {
  return violations.map((violation) => ({ ...violation, key: `${path}.${violation.key}` }));
}

function refuseViolations(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const lines = violations.map(
    ({ rule, key, found, allowed }) => `  ${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  throw new Misconfigured('configuration_invalid', `The configuration is not valid:\n${lines.join('\n')}`);
}

/** An expired certificate stops every provider at once: said at start, and every day from 90 days before. */
function reportKeyProblems(keys: KeyRing, { clock, log }: GatewayOptions): void {
  for (const problem of keyProblems(keys.inventory, clock.now()))
    log.event({ event: 'key_problem', ...problem });
}

async function purge(store: Store, log: Log): Promise<void> {
  try {
    log.event({ event: 'purged', rows: await store.purge() });
  } catch (error) {
    log.failure(error, { reference: 'purge' });
  }
}
