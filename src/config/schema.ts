import { z } from 'zod';
import type { Setting } from '../operations/setting.ts';
import type { MailOptions } from '../operations/mail.ts';
import type { WebProxy } from '../operations/outbound.ts';
import { isLoopback } from '../operations/loopback.ts';
import { api, client } from './client.ts';
import { attributeName, days, localised, minutes, secret, shortId, url } from './values.ts';

/** How many in a minute. */
const perMinute = (usual: number) => z.number().int().min(1).max(1_000_000).default(usual);

const hours = (most: number) =>
  z
    .number()
    .int()
    .min(1, { error: `allowed: 1 to ${most} hours` })
    .max(most, { error: `allowed: 1 to ${most} hours` });

const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,79}$/, { error: 'allowed: the name of an HTTP header' });

export const AGID_REGISTRY = 'https://registry.spid.gov.it/metadata/idp/spid-entities-idps.xml';

/** AgID's list of identity providers, fetched. */
const registry = z.strictObject({
  url: z
    .string()
    .refine(isSafeAddress, {
      error: 'allowed: an https URL (http only for localhost and loopback addresses)',
    })
    .default(AGID_REGISTRY),
  // Names and logos for buttons, unsigned; false: none. Default: AgID's, where the registry is AgID's own.
  displayList: z
    .union([z.literal(false), z.string().refine(isSafeAddress)], {
      error: 'allowed: false, or an https URL (http only for localhost and loopback addresses)',
    })
    .optional(),
  // Empty: AgID's certificate of 2024, which comes with the gateway.
  trustedSigners: z.array(z.string()).default([]),
  // Between the hour in which providers change their keys and what the registry may be asked for (1.3, point 7).
  refreshMinutes: minutes(5, 1440).default(60),
});

const retentionMonths = z
  .number()
  .int()
  .min(24, { error: 'allowed: 24 months or more' })
  .max(240, { error: 'allowed: 240 months or less' });

const publicUrl = z
  .string()
  .transform((value) => value.replace(/\/$/, ''))
  .refine(isPublicUrl, {
    error:
      'allowed: an https URL without path, query or trailing parts (http only for localhost and loopback addresses)',
  });

/** A body, as under `entities` in the configuration file. */
export const entitySchema = z.strictObject({
  id: shortId,
  entityId: z.string(),
  organization: z.strictObject({ name: localised, displayName: localised, url: localised }),
  contact: z.strictObject({
    ipaCode: z.string(),
    vatNumber: z.string().optional(),
    fiscalCode: z.string().optional(),
    email: z.string(),
    telephone: z.string().optional(),
  }),
  locality: z.string().trim().min(1),
  // The entity through which this body takes part, with its keys (spid-aggregator, 1).
  aggregator: shortId.optional(),
  privacyUrl: url.optional(),
  attributeSets: z
    .array(
      z.strictObject({
        index: z.number().int(),
        name: z.string().trim().min(1),
        attributes: z.array(attributeName).min(1),
      }),
    )
    .min(1),
});

/** Of a key management system: program and fixed arguments. */
const keyCommand = z.strictObject({ command: z.tuple([z.string().min(1)], z.string()) });

/** The configuration file. `gateway.example.yaml` explains every key; the defaults below give their reasons. */
export const configurationSchema = z.strictObject({
  publicUrl,
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(3000),
    })
    .prefault({}),
  // Behind a reverse proxy the client's address is in X-Forwarded-For; believed only when said here.
  behindProxy: z.boolean().default(false),
  store: z.strictObject({ url: secret.default('sqlite:data/gateway.db') }).prefault({}),
  keys: z.strictObject({
    directory: z.string().default('keys'),
    passphrase: secret,
    // While the passphrase is changed: what has not been written again yet opens with it (keys rewrap).
    previousPassphrase: secret.optional(),
    // Certificates that others look after, which the calendar shall have too: the proxy's for TLS, if it is here.
    watch: z.array(z.string()).default([]),
    // Of what signs tokens and cookies. A quarter, as is usual; a week's notice reaches every copy of the public keys.
    rotation: z
      .strictObject({
        automatic: z.boolean().default(true),
        everyDays: days(2, 730).default(90),
        announceDays: days(1, 60).default(7),
      })
      .refine(({ everyDays, announceDays }) => announceDays < everyDays, {
        path: ['announceDays'],
        error: 'allowed: less than everyDays',
      })
      .prefault({}),
  }),
  brand: z.strictObject({
    name: localised,
    privacyUrl: url,
    accessibilityUrl: url,
    supportUrl: url,
    supportEmail: z.email().optional(),
  }),
  logging: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
  // Without a mail server nobody is told of secrets that end; the console shows it all the same.
  mail: z
    .strictObject({
      from: z.email(),
      host: z.string().min(1),
      port: z.number().int().min(1).max(65535).default(587),
      security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
      user: z.string().min(1).optional(),
      password: secret.optional(),
    })
    .refine(({ host, security }) => security !== 'none' || isLoopback(host), {
      path: ['security'],
      error: 'allowed: starttls or tls; none only where mail.host is this machine',
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      path: ['password'],
      error: 'allowed: together with mail.user, or neither',
    })
    .optional(),
  // Named here and not taken from the environment: what everything goes through is a decision.
  outbound: z
    .strictObject({
      proxy: secret,
      noProxy: z
        .array(
          z
            .string()
            .regex(/^[^\s,/]+$/, { error: 'allowed: a host, .suffix, an address or a range of them' }),
        )
        .default([]),
    })
    .optional(),
  // Off unless asked for. Its own address: what is for Prometheus is not for the internet.
  metrics: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(9464),
      token: secret.optional(),
    })
    .refine(({ host, token }) => isLoopback(host) || token !== undefined, {
      path: ['token'],
      error: 'allowed: a secret of your choice; needed where metrics.host is not this machine alone',
    })
    .optional(),
  claims: z.strictObject({ prefix: url.default('https://attributes.eid.gov.it/') }).prefault({}),
  sessions: z
    .strictObject({
      // Upper bounds are those of the spec (spid-register-and-logout, 2.1); level 3 is never reused.
      level1Minutes: minutes(0, 480).default(480),
      level2Minutes: minutes(0, 240).default(60),
      // A citizen who fetches the phone, finds the app and waits for the code needs this long.
      loginMinutes: minutes(5, 120).default(60),
    })
    .prefault({}),
  register: z
    .strictObject({
      // By default beside the other keys; elsewhere where that directory cannot be written to.
      keyDirectory: z.string().optional(),
      // What wraps the register's keys; by default the data key of the key directory.
      masterKey: z
        .union([secret, keyCommand], {
          error: 'allowed: { file: <path> }, { env: <variable> } or { command: [program, argument, …] }',
        })
        .optional(),
      // While that is changed: what wraps those that have not been written again yet (keys rewrap).
      previousMasterKey: z
        .union([secret, keyCommand, z.strictObject({ dataKey: z.literal(true) })], {
          error:
            'allowed: { file: <path> }, { env: <variable> }, { command: [program, argument, …] }, or { dataKey: true } where there was none',
        })
        .optional(),
      retention: z
        .strictObject({
          // The law's minimum (DPCM 24/10/2014, art. 13 c. 2); more needs a reason of its own.
          months: retentionMonths.default(24),
          entities: z.record(shortId, retentionMonths).default({}),
        })
        .prefault({}),
      seals: z
        .strictObject({
          everyHours: hours(168).default(24),
          timestampServer: z.strictObject({ url, certificates: z.array(z.string()).min(1) }).optional(),
        })
        .prefault({}),
      consultations: z
        .strictObject({
          // Two-person access to the content (spid-register-and-logout, 4). A union's office may be one person.
          secondPerson: z.boolean().default(false),
          // A working day to find the other person; half of one to do the work.
          approvalHours: hours(168).default(24),
          openHours: hours(72).default(4),
        })
        .prefault({}),
    })
    .prefault({}),
  portal: z
    .strictObject({
      // The body that the gateway's own pages (console, personal area) belong to; default: the first of the entities.
      entity: shortId.optional(),
      // Whether nobody approves what she wrote herself: services and their changes. A union's office may be one person.
      fourEyes: z.boolean().default(false),
    })
    .prefault({}),
  limits: z
    .strictObject({
      // Twenty a second from one address is a town hall at ten in the morning; a citizen needs five for a login.
      browsers: perMinute(1200),
      // A service calls two or three times for a login.
      services: perMinute(3000),
      client: perMinute(6000),
    })
    .prefault({}),
  entities: z.array(entitySchema).min(1),
  clients: z.array(client).default([]),
  apis: z.array(api).default([]),
  // Off unless asked for: whoever has a token then adds to the register, if only in the test stage.
  dynamicRegistration: z.boolean().default(false),
  // Certificates of clients reach us only in headers of a proxy that ended their TLS.
  clientCertificates: z
    .strictObject({ header: headerName, verifiedHeader: headerName.optional() })
    .optional(),
  sources: z.strictObject({
    spid: z
      .strictObject({
        identityProviders: z
          .strictObject({
            directory: z.string().default('metadata/idp'),
            // By entityID. They answer for services in the test stage and for no others; citizens never see them.
            test: z.array(z.string().min(1)).default([]),
            // PEM certificates of whoever signs the aggregate (AgID). Given: unsigned or foreign files are refused.
            trustedSigners: z.array(z.string()).default([]),
            // Off unless asked for: a gateway on a network of its own has no way to AgID.
            registry: registry.optional(),
          })
          .prefault({}),
        // Automatic: what is declared is in force at once, fit for trials only. Managed: whoever operates the gateway says
        // what was sent, and since when it is in force (spid-sp-metadata, 7). Default: automatic on this machine only.
        metadata: z.enum(['automatic', 'managed']).optional(),
        // The signature then travels inside the archived XML and no URL gets too long (spid-authn-request, 4).
        binding: z.enum(['post', 'redirect']).default('post'),
        // By entityID. None is needed as far as is known: what single providers of today want is not written anywhere.
        exceptions: z
          .record(
            z.string().min(1),
            z.strictObject({
              binding: z.enum(['post', 'redirect']).optional(),
              lenient: z
                .array(
                  z.enum(['issuer-format', 'empty-values', 'schema'], {
                    error: 'allowed: issuer-format, empty-values, schema',
                  }),
                )
                .default([]),
            }),
          )
          .default({}),
        comparison: z.enum(['exact', 'minimum', 'better', 'maximum']).default('minimum'),
        // Clocks of providers differ by a few seconds (spid-response-validation, 5.4).
        skewSeconds: z.number().int().min(0).max(180, { error: 'allowed: 0 to 180 seconds' }).default(30),
        // Longer than any provider's own login time-out (spid-authn-request, 8).
        requestMinutes: minutes(5, 120).default(30),
        // Only while acceptance tests are done: nobody shall forget it, so it ends by itself.
        testLogin: z
          .strictObject({
            providers: z.array(z.string()).min(1, { error: 'allowed: one metadata file or more' }),
            until: z.iso.date({ error: 'allowed: a day, such as 2026-12-31' }),
          })
          .optional(),
      })
      // Whoever passes AgID's tests has to be strict in them (spid-registry-and-idps, 4).
      .refine(
        ({ identityProviders, exceptions }) =>
          identityProviders.test.every((id) => (exceptions[id]?.lenient ?? []).length === 0),
        { path: ['exceptions'], error: 'allowed: lenient for no provider of identityProviders.test' },
      ),
  }),
});

/** As written in the file. */
export type ConfigurationInput = z.input<typeof configurationSchema>;
/** Checked, with defaults, secrets still to be read. */
export type ParsedConfiguration = z.output<typeof configurationSchema>;

/** What the gateway starts from: every secret read, every path absolute. */
export interface Configuration extends Omit<
  ParsedConfiguration,
  'store' | 'keys' | 'clients' | 'register' | 'metrics' | 'mail' | 'outbound'
> {
  readonly store: { readonly url: string };
  readonly keys: Omit<ParsedConfiguration['keys'], 'passphrase' | 'previousPassphrase'> & {
    readonly passphrase: string;
    readonly previousPassphrase?: string | undefined;
  };
  readonly register: Omit<ParsedConfiguration['register'], 'masterKey' | 'previousMasterKey'> & {
    readonly masterKey?: MasterKey | undefined;
    readonly previousMasterKey?: MasterKey | { readonly dataKey: true } | undefined;
  };
  readonly mail?: MailOptions | undefined;
  readonly outbound?: WebProxy | undefined;
  readonly metrics?: { readonly host: string; readonly port: number; readonly token?: string } | undefined;
  /** All of it once more as an operator reads it, secrets left out. */
  readonly settings: readonly Setting[];
  readonly clients: readonly (Omit<ParsedConfiguration['clients'][number], 'secrets'> & {
    readonly secrets: readonly string[];
  })[];
}

/** A key as text, or who keeps it. */
export type MasterKey = { readonly key: string } | { readonly command: readonly [string, ...string[]] };

/** Whether something may be fetched from there: https, or http from this machine only. */
function isSafeAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username } = new URL(value);
  return !username && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)));
}

/** Whether a URL may be the gateway's own: https, or http on this machine only. */
function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash, username } = new URL(value);
  if (pathname !== '/' || search || hash || username) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
