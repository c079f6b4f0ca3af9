import type Router from '@koa/router';
import { ClientRegister } from './clients/register.ts';
import type { Configuration } from './config/schema.ts';
import { EntityRegister } from './entities/register.ts';
import { followClients } from './gateway/clients.ts';
import { applyEntities, checkedApis, checkedClients, checkedEntities } from './gateway/declared.ts';
import {
  assembleFederation,
  federationWarnings,
  followFederation,
  measureFederation,
} from './gateway/federation.ts';
import { reusePolicy, standing } from './gateway/lifetimes.ts';
import { rateLimits } from './gateway/limits.ts';
import { tellServices } from './gateway/logouts.ts';
import { countEntry, keepCounts } from './gateway/counts.ts';
import type { GatewayOptions, Parts } from './gateway/parts.ts';
import { ExpiryCalendar, measureCalendar } from './gateway/calendar.ts';
import { followKeys, tendKeys } from './gateway/keys.ts';
import { serveMetrics } from './gateway/metrics.ts';
import { providerPages } from './gateway/provider-pages.ts';
import { ownAddress } from './gateway/own-address.ts';
import { assemblePortal } from './gateway/portal.ts';
import { registerRecorder } from './gateway/recorder.ts';
import { measureRegister } from './gateway/register-metrics.ts';
import { openRegister, tendRegisters } from './gateway/register.ts';
import { offerRegistration } from './gateway/registration.ts';
import { tellContacts } from './gateway/secret-notices.ts';
import { assembleSpid } from './gateway/spid.ts';
import { LoginCounts } from './figures/login-counts.ts';
import { Identities } from './identity/identities.ts';
import { Persons } from './identity/persons.ts';
import { loadKeys } from './keys/directory.ts';
import { mountJourney } from './login/journey.ts';
import { Logins } from './login/logins.ts';
import { missingForReuse } from './login/reuse.ts';
import { loginPath } from './login/room.ts';
import { offerSignOut } from './login/sign-out.ts';
import { SignOuts } from './login/sign-outs.ts';
import { countedLog } from './operations/counted-log.ts';
import { isLoopback } from './operations/loopback.ts';
import { Unavailable } from './operations/errors.ts';
import { createMetrics } from './operations/metrics.ts';
import { Outbound } from './operations/outbound.ts';
import { regularly, soonAfterStart } from './operations/regularly.ts';
import { listen } from './operations/server.ts';
import { LogoutNotices } from './provider/logout-notices.ts';
import type { ProviderOptions } from './provider/options.ts';
import { rotatingProvider, type RotatingProvider } from './provider/rotating.ts';
import type { IdentitySource } from './sources/source.ts';
import { registerUnanswered } from './sources/spid/unanswered.ts';
import { openStore } from './store/store.ts';
import { createApp, createRouter, frameFor, type WebOptions } from './web/app.ts';
import { mountHealth, type Readiness } from './web/health.ts';
import { languageOf } from './web/language.ts';
import { homePage } from './web/pages/home.ts';
import { loadAssets } from './web/static/assets.ts';

export type { GatewayOptions } from './gateway/parts.ts';

export interface Gateway {
  /** `host:port` as bound. */
  readonly listening: string;
  /** Answers what is in flight, then lets go of everything. */
  stop(): Promise<void>;
}

/** How often what has expired is deleted, in milliseconds. */
const PURGE_EVERY_MS = 10 * 60 * 1000;

const HOUR_MS = 60 * 60 * 1000;

const MIB = 1024 * 1024;

/** Less on the disk than this, in bytes, is said: there is time to make room before logins end. */
const LITTLE_ROOM = 1024 * MIB;

/**
 * Builds the gateway from its configuration and opens its doors: the only place where rooms meet.
 * @throws Misconfigured when something has to be changed first
 */
export async function startGateway(configuration: Configuration, given: GatewayOptions): Promise<Gateway> {
  const metrics = createMetrics({ process: configuration.metrics !== undefined });
  const options = { ...given, log: countedLog(given.log, metrics) };
  const declared = checkedEntities(configuration);
  const clients = checkedClients(configuration, declared);
  const apis = checkedApis(configuration);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  // Let go of in the opposite order: the doors, what is under way, what that needs.
  await using opened = new AsyncDisposableStack();
  const store = opened.adopt(await openStore(configuration.store.url, options.clock), (one) => one.close());
  const entities = new EntityRegister(store, options.clock, configuration.publicUrl);
  await applyEntities(entities, declared);
  const counts = new LoginCounts(store, options.clock);
  const register = openRegister(configuration, keys, (entry) => {
    metrics.count('gateway_register_entries_total', { kind: entry.kind });
    countEntry(counts, entry, (id) => configuration.sources.spid.identityProviders.test.includes(id));
  });
  await register.ready(
    store.db,
    entities.list().map(({ id }) => id),
  );
  const federation = assembleFederation(configuration, options, { store, keys });
  await federation.load();
  measureFederation(metrics, federation);
  const calendar = new ExpiryCalendar(
    configuration,
    keys,
    federation.providers,
    () => federation.pins?.known ?? [],
  );
  measureCalendar(metrics, calendar, options.clock);
  measureRegister(metrics, configuration, { store, clock: options.clock });
  const self = ownAddress();
  const { app, provider } = await assemble(configuration, options, {
    entities,
    clients,
    apis,
    keys,
    store,
    counts,
    register,
    metrics,
    federation,
    calendar,
    selfUrl: self.url,
  });
  const chore = (reference: string, everyMs: number, work: () => Promise<void>) =>
    regularly(everyMs, work, (error) => options.log.failure(error, { reference }), soonAfterStart()).stop;
  for (const stop of [
    chore('register', HOUR_MS, () => tendRegisters(configuration, { ...options, keys, store, register })),
    chore('keys', HOUR_MS, () => tendKeys(configuration, { keys, calendar }, options)),
    chore('purge', PURGE_EVERY_MS, () => purge({ store, register }, options)),
    keepCounts(counts, options.log),
    tellServices(provider, options.log),
    followFederation(federation, options.log),
    tellContacts(configuration, { ...options, store }),
  ])
    opened.defer(stop);
  opened.adopt(await serveMetrics(configuration, metrics), (one) => one?.stop());
  const { host, port } = configuration.listen;
  const server = opened.adopt(await listen(app, host, port), (one) => one.stop());
  self.listening(server);
  await tendKeys(configuration, { keys, calendar }, options);
  options.log.event({ event: 'started', url: configuration.publicUrl });
  const running = opened.move();
  return {
    listening: server.address,
    async stop() {
      await running.disposeAsync();
      options.log.event({ event: 'stopped' });
    },
  };
}

async function assemble(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  parts: Parts & { readonly selfUrl: () => string },
) {
  const { publicUrl } = configuration;
  const { entities, keys, store, metrics } = parts;
  const clients = new ClientRegister(store, clock);
  const identities = new Identities(store, keys.cipher, clock);
  const assets = loadAssets();
  const spid = await assembleSpid(configuration, { clock, log }, parts, clients);
  // After what may bring metadata into force.
  const notFollowed = await followClients(
    configuration,
    { store, clock, log, keys, entities, secrets: clients.secrets },
    parts.clients,
  );
  const standingSeconds = standing(configuration);

  const web = {
    publicUrl,
    behindProxy: configuration.behindProxy,
    brand: configuration.brand,
    assets,
    log,
    metrics,
    limits: rateLimits(configuration, { clock, log }, { store, keys }),
  };
  const signOuts = new SignOuts(store, keys.cipher, clock);
  const provider = openIdProvider(configuration, {
    ...parts,
    clock,
    log,
    clients,
    identities,
    web,
    leaveProvider: (who, closed) => offerSignOut({ sources: [spid], signOuts }, who, closed),
  });

  const router = createRouter();
  mountHealth(router, dependencies({ ...parts, spid, clock, notFollowed }));
  mountHome(router, web, clients);
  mountJourney(router, {
    publicUrl,
    clock,
    log,
    clients,
    provider,
    identities,
    brand: configuration.brand,
    asset: assets.url,
    entities,
    sources: [spid],
    logins: new Logins(store, keys.cipher),
    counts: parts.counts,
    signOuts,
    queryable: store.db,
    transaction: (work) => store.transaction(work),
    persons: new Persons(keys.personHash, clock),
    standingMs: (level) => standingSeconds(level) * 1000,
  });
  offerRegistration(
    router,
    configuration,
    { clock, log },
    { store, keys, entities, secrets: clients.secrets, limits: web.limits },
  );
  await assemblePortal(router, configuration, {
    ...parts,
    clock,
    log,
    web,
    provider,
    registered: clients,
  });
  const app = createApp({ ...web, cookieKeys: provider.cookieKeys }, router, provider.middleware).callback();
  return { app, provider };
}

function openIdProvider(
  configuration: Configuration,
  parts: Pick<Parts, 'keys' | 'store' | 'register' | 'counts' | 'apis'> &
    GatewayOptions &
    Pick<ProviderOptions, 'clients' | 'identities' | 'leaveProvider'> & {
      readonly web: Omit<WebOptions, 'cookieKeys'>;
    },
): RotatingProvider {
  const { publicUrl } = configuration;
  const { keys, store, clock, log, web, ...rest } = parts;
  const { clients, identities, leaveProvider, apis, register, counts } = rest;
  return rotatingProvider({
    publicUrl,
    store,
    clock,
    log,
    clients,
    identities,
    leaveProvider,
    apis,
    loginPath,
    recorder: registerRecorder({ store, clock, register, identities, counts }),
    cipher: keys.cipher,
    keySet: followKeys(keys.rotating, { clock, log }),
    nonceSecret: keys.derived('DPoP nonces')[0],
    subject: keys.subject,
    claimsPrefix: configuration.claims.prefix,
    missing: (session, request) => missingForReuse(session, request, reusePolicy(configuration), clock.now()),
    trial: isLoopback(new URL(publicUrl).hostname),
    outbound: new Outbound(configuration.outbound),
    dynamicRegistration: configuration.dynamicRegistration,
    clientCertificates: configuration.clientCertificates,
    lifetimes: { login: configuration.sessions.loginMinutes * 60, standing: standing(configuration) },
    limits: web.limits,
    notices: new LogoutNotices(store, keys.cipher, clock),
    pages: providerPages(web, clients),
  });
}

/** What has to work for citizens to get in. */
function dependencies({
  store,
  spid,
  federation,
  calendar,
  clock,
  notFollowed,
}: Pick<Parts, 'store' | 'federation' | 'calendar'> &
  Pick<GatewayOptions, 'clock'> & {
    readonly spid: IdentitySource;
    /** Ids of clients that the file declares and the rules refuse. */
    readonly notFollowed: readonly string[];
  }): Readiness[] {
  return [
    {
      name: 'store',
      check: () =>
        store.ping().then(
          () => undefined,
          (error: unknown) => (error instanceof Unavailable ? error.message : 'a query fails'),
        ),
      warnings: async () => {
        const left = await store.freeBytes();
        return left === undefined || left >= LITTLE_ROOM
          ? []
          : [`the disk of the store has ${Math.floor(left / MIB)} MiB left`];
      },
    },
    {
      name: 'spid',
      check: async () => spid.notReady()[0],
      warnings: async () => [...(await federationWarnings(federation)), ...spid.warnings()],
    },
    {
      name: 'clients',
      check: async () => undefined,
      warnings: async () =>
        notFollowed.map((id) => `client ${id} is not as the configuration file declares it`),
    },
    {
      name: 'keys',
      // Without them nothing has started; what ends is said before it does.
      check: async () => undefined,
      warnings: async () => calendar.warnings(clock.now()),
    },
  ];
}

/** The services, for whoever comes to the gateway itself. */
function mountHome(router: Router, web: Omit<WebOptions, 'cookieKeys'>, clients: ClientRegister): void {
  router.get('/', async (ctx) => {
    const language = languageOf(ctx);
    const services = (await clients.list()).map(({ name, homePage }) => ({
      name: name[language],
      url: homePage,
    }));
    ctx.type = 'html';
    ctx.body = homePage(frameFor(ctx, web, language), services);
  });
}

async function purge(
  parts: Pick<Parts, 'store' | 'register'>,
  { clock, log }: GatewayOptions,
): Promise<void> {
  // Before they are forgotten.
  await registerUnanswered({ ...parts, clock });
  log.event({ event: 'purged', rows: await parts.store.purge() });
}
