import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkConfiguration } from '../config/load.ts';
import type { Configuration, ConfigurationInput } from '../config/schema.ts';
import { certificateSubjects } from '../entities/certificate-subject.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { startGateway } from '../gateway.ts';
import { createKeys } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import { listen } from '../operations/server.ts';
import { loadAssets } from '../web/static/assets.ts';
import { createDemoProvider } from './identity-provider.ts';
import { createSuap } from './suap.ts';

export interface DemoOptions {
  /** First of three neighbouring ports: gateway, identity provider, SUAP; a fourth follows with `testStage`. */
  readonly port: number;
  /** Keeps keys and database here; a throw-away directory otherwise. */
  readonly data?: string | undefined;
  /** Instead of SQLite. */
  readonly storeUrl?: string | undefined;
  readonly binding?: 'post' | 'redirect' | undefined;
  /** The identity provider answers for this persona without asking: for tools that log in by themselves. */
  readonly automatic?: string | undefined;
  /** Further services and union APIs, for whoever brings her own. */
  readonly clients?: NonNullable<ConfigurationInput['clients']> | undefined;
  readonly apis?: ConfigurationInput['apis'];
  /** Where the three are reached, when a proxy that ends TLS stands in front of them; else on their own ports. */
  readonly publicUrls?: DemoUrls | undefined;
  /** A second identity provider, for services in the test stage alone. Not behind a proxy. */
  readonly testStage?: boolean | undefined;
  /** Metadata of a provider that test logins are open for (`--check`). */
  readonly testProvider?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DemoUrls {
  readonly gatewayUrl: string;
  readonly identityProviderUrl: string;
  readonly suapUrl: string;
}

export interface Demo extends DemoUrls {
  readonly configuration: Configuration;
  /** Of the identity provider for services in the test stage. */
  readonly testStageUrl: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts gateway, identity provider and service as three origins. The identity provider is on another site than the
 * other two (127.0.0.1, not localhost), so that browsers treat its answer as what it is in production: cross-site.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const directory = options.data ? resolve(options.data) : mkdtempSync(join(tmpdir(), 'spid-gateway-demo-'));
  const urls: DemoUrls = options.publicUrls ?? {
    gatewayUrl: `http://localhost:${options.port}`,
    identityProviderUrl: `http://127.0.0.1:${options.port + 1}`,
    suapUrl: `http://localhost:${options.port + 2}`,
  };
  const clientSecret = randomBytes(24).toString('base64url');
  const testStageUrl = options.testStage ? `http://127.0.0.1:${options.port + 3}` : undefined;
  const own = demoConfiguration(urls, { ...options, testStageUrl }, clientSecret);
  const base = {
    ...own,
    clients: [...(options.clients ?? []), ...(own.clients ?? [])],
    apis: options.apis,
  };
  const input = options.testProvider === undefined ? base : withTestLogins(base, options.clock);
  const configuration = checkConfiguration(input, { file: 'demo configuration', directory, environment: {} });
  const assets = loadAssets();

  mkdirSync(join(directory, 'idp'), { recursive: true });
  const provider = {
    assets,
    clock: options.clock,
    allowedIssuers: configuration.entities.map(({ entityId }) => entityId),
    automatic: options.automatic,
  };
  const [identityProvider, ofTestStage] = await Promise.all([
    createDemoProvider({ ...provider, url: urls.identityProviderUrl }),
    testStageUrl === undefined
      ? undefined
      : createDemoProvider({ ...provider, url: testStageUrl, name: TEST_STAGE_NAME }),
    createKeys(configuration.keys.directory, {
      passphrase: configuration.keys.passphrase,
      certificates: certificateSubjects(configuration.entities as readonly EntityDeclaration[]),
      rsaBits: 2048,
      years: 1,
      clock: options.clock,
    }),
  ]);
  writeFileSync(join(directory, 'idp', 'demo.xml'), identityProvider.metadata);
  const testStageFile = join(directory, 'idp', 'test-stage.xml');
  if (ofTestStage) writeFileSync(testStageFile, ofTestStage.metadata);
  // Left by a demo that had one: now nothing says that it is for the test stage only.
  else rmSync(testStageFile, { force: true });
  if (options.testProvider !== undefined) writeFileSync(join(directory, TEST_FILE), options.testProvider);

  const suap = createSuap({
    url: urls.suapUrl,
    issuer: urls.gatewayUrl,
    clientId: 'suap',
    clientSecret,
    assets,
  });
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    if (!options.data) rmSync(directory, { recursive: true, force: true });
  };
  try {
    started.push(await listen(identityProvider.app.callback(), '127.0.0.1', options.port + 1));
    if (ofTestStage) started.push(await listen(ofTestStage.app.callback(), '127.0.0.1', options.port + 3));
    started.push(await startGateway(configuration, options));
    started.push(await listen(suap.callback(), 'localhost', options.port + 2));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...urls, configuration, testStageUrl, stop };
}

const TEST_STAGE_NAME = { it: 'Gestore per servizi in prova', en: 'Provider for services in the test stage' };
const TEST_FILE = 'test-provider.xml';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Test logins until tomorrow. */
function withTestLogins(input: ConfigurationInput, clock: Clock): ConfigurationInput {
  const until = new Date(clock.now().getTime() + DAY_MS).toISOString().slice(0, 10);
  const testLogin = { providers: [TEST_FILE], until };
  return { ...input, sources: { spid: { ...input.sources.spid, testLogin } } };
}

/** What a one-stop desk may ask for. */
const APPLICATIONS = { ground: 'public-task', law: 'd.P.R. 160/2010, art. 4' } as const;

/** The configuration of the demo's gateway, as a file would say it. */
export function demoConfiguration(
  urls: Pick<Demo, 'gatewayUrl' | 'suapUrl'>,
  options: Pick<DemoOptions, 'port' | 'storeUrl' | 'binding' | 'publicUrls'> & {
    readonly testStageUrl?: string | undefined;
  },
  clientSecret: string,
): ConfigurationInput {
  return {
    publicUrl: urls.gatewayUrl,
    listen: { host: 'localhost', port: options.port },
    behindProxy: options.publicUrls !== undefined,
    // One machine plays every citizen and every service.
    limits: { browsers: 1_000_000, services: 1_000_000, client: 1_000_000 },
    store: { url: options.storeUrl ?? 'sqlite:gateway.db' },
    keys: { directory: 'keys', passphrase: 'of the demo, worth nothing' },
    brand: {
      name: { it: 'Unione di prova', en: 'Trial union' },
      privacyUrl: `${urls.gatewayUrl}/`,
      accessibilityUrl: `${urls.gatewayUrl}/`,
      supportUrl: `${urls.gatewayUrl}/`,
      supportEmail: 'assistenza@example.it',
    },
    entities: [
      {
        id: 'unione',
        entityId: `${urls.gatewayUrl}/spid`,
        organization: {
          name: { it: 'Unione di prova', en: 'Trial union' },
          displayName: { it: 'Unione di prova', en: 'Trial union' },
          url: { it: 'https://www.example.it', en: 'https://www.example.it/en' },
        },
        contact: { ipaCode: 'udc_demo', email: 'accesso@example.it' },
        locality: 'Pontedera',
        attributeSets: [
          {
            index: 0,
            name: 'Identificazione',
            attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber'],
          },
          {
            index: 1,
            name: 'Identificazione e contatti',
            attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber', 'email', 'mobilePhone'],
          },
        ],
      },
    ],
    clients: [
      {
        id: 'suap',
        entity: 'unione',
        name: { it: 'Sportello unico attività produttive', en: 'One-stop desk for businesses' },
        homePage: `${urls.suapUrl}/`,
        redirectUris: [`${urls.suapUrl}/callback`],
        postLogoutRedirectUris: [`${urls.suapUrl}/`],
        secrets: [clientSecret],
        attributes: [
          {
            name: 'name',
            purpose: { it: 'intestare la pratica', en: 'to put your name on the application' },
            legalBasis: APPLICATIONS,
            required: true,
          },
          {
            name: 'familyName',
            purpose: { it: 'intestare la pratica', en: 'to put your name on the application' },
            legalBasis: APPLICATIONS,
            required: true,
          },
          {
            name: 'fiscalNumber',
            purpose: { it: "riconoscerti negli archivi dell'ente", en: "to find you in the body's records" },
            legalBasis: APPLICATIONS,
          },
          {
            name: 'email',
            purpose: { it: 'inviarti le ricevute', en: 'to send you receipts' },
            legalBasis: { ground: 'consent' },
          },
        ],
      },
      // A public client for trials by hand, without a library (README, "Connect a service").
      {
        id: 'try-it',
        entity: 'unione',
        name: { it: 'Prova senza libreria', en: 'Trial without a library' },
        homePage: `${urls.suapUrl}/`,
        redirectUris: [`${urls.suapUrl}/code`],
        authMethod: 'none',
        attributes: [
          { name: 'name', purpose: { it: 'provare', en: 'to try' }, legalBasis: { ground: 'consent' } },
          { name: 'familyName', purpose: { it: 'provare', en: 'to try' }, legalBasis: { ground: 'consent' } },
        ],
      },
    ],
    sources: {
      spid: {
        identityProviders: {
          directory: 'idp',
          ...(options.testStageUrl === undefined ? {} : { test: [options.testStageUrl] }),
        },
        binding: options.binding ?? 'post',
      },
    },
  };
}
