import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { Misconfigured } from '../operations/errors.ts';
import type { WebProxy } from '../operations/outbound.ts';
import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { clientSchema } from '../clients/schema.ts';
import { CLIENT_STATES, type ClientState } from '../clients/state.ts';
import { invalidFile } from './faults.ts';
import { configurationSchema, entitySchema, type Configuration, type ParsedConfiguration } from './schema.ts';
import { settingsOf } from './settings.ts';

/** The id may be left to the gateway. */
const clientFile = clientSchema.extend({ id: clientSchema.shape.id.optional() });
type ParsedClientFile = z.infer<typeof clientFile>;
const clientsFile = z.strictObject({
  clients: z
    .array(clientSchema)
    .refine((clients) => new Set(clients.map(({ id }) => id)).size === clients.length, {
      error: 'allowed: each id once',
    }),
});

/** Bodies and services for `plan` and `apply`; a service also with where in its life it shall be. */
const declarationsFile = z.strictObject({
  entities: z.array(entitySchema).default([]),
  clients: z
    .array(
      clientSchema.extend({
        state: z.enum(CLIENT_STATES, { error: `allowed: ${CLIENT_STATES.join(', ')}` }).optional(),
      }),
    )
    .default([]),
});

type Secret = ParsedConfiguration['keys']['passphrase'];

/** Where a configuration comes from: error messages name it, relative paths start from it. */
interface Origin {
  readonly file: string;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Reads and checks a configuration file.
 * @throws Misconfigured naming the file, the key, the value found and what is allowed; all faults at once
 */
export function loadConfiguration(file: string, environment: NodeJS.ProcessEnv): Configuration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Misconfigured(
      'configuration_missing',
      `${file}: cannot be read. Make one with: npm run gateway -- init. Or name another file with --config.`,
    );
  }
  return checkConfiguration(parseYaml(file, text), { file, directory: dirname(resolve(file)), environment });
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text, { uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    // The lines after the first quote the file, and there may be a secret in it.
    const [what] = error instanceof Error ? error.message.split('\n') : [];
    throw new Misconfigured('configuration_syntax', `${file}: no YAML: ${what?.replace(/:$/, '')}`);
  }
}

/**
 * Reads one body that is declared in a file of its own.
 * @throws Misconfigured as loadConfiguration does
 */
export function readEntityFile(file: string, text: string): ParsedConfiguration['entities'][number] {
  return checkedFile(entitySchema, file, text);
}

/**
 * Reads a service that is declared in a file of its own, as under `clients` but for its secrets.
 * @param text YAML or JSON
 * @throws Misconfigured as loadConfiguration does
 */
export function readClientFile(file: string, text: string): ParsedClientFile {
  return ownLogo(checkedFile(clientFile, file, text), file, '');
}

/**
 * Reads several services, under `clients:`.
 * @throws Misconfigured as loadConfiguration does
 */
export function readClientsFile(file: string, text: string): readonly z.infer<typeof clientSchema>[] {
  const { clients } = checkedFile(clientsFile, file, text);
  return clients.map((client, at) => ownLogo(client, file, `clients[${at}].`));
}

/**
 * Reads the bodies and services that a file declares for run time.
 * @throws Misconfigured as loadConfiguration does, also when an id is there twice
 */
export function readDeclarations(
  file: string,
  text: string,
): {
  readonly entities: ParsedConfiguration['entities'];
  readonly clients: readonly { readonly client: Client; readonly state: ClientState | undefined }[];
} {
  const { entities, clients } = checkedFile(declarationsFile, file, text);
  const twice = [entities, clients].flatMap((all) => {
    const ids = all.map(({ id }) => id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  if (twice.length > 0)
    throw new Misconfigured(
      'configuration_invalid',
      `${file}: found twice: ${twice.join(', ')}; allowed: each id once`,
    );
  return {
    entities,
    clients: clients.map(({ state, ...declared }, at) => {
      const { sector, ...rest } = ownLogo(declared, file, `clients[${at}].`);
      return { client: { ...rest, sector: sector ?? rest.entity } as Client, state };
    }),
  };
}

function checkedFile<Content>(schema: z.ZodType<Content>, file: string, text: string): Content {
  const input = parseYaml(file, text);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidFile(file, schema, input, result.error.issues);
}

function ownLogo<Client extends ParsedClientFile>(client: Client, file: string, key: string): Client {
  const logo = client.branding?.logo;
  if (!logo || logo.startsWith('data:')) return client;
  const origin = { file, directory: dirname(resolve(file)), environment: {} };
  return { ...client, branding: { ...client.branding, logo: readLogo(logo, `${key}branding.logo`, origin) } };
}

/** Checks a configuration that did not come from a file (the demo's), with the same rules. */
export function checkConfiguration(input: unknown, origin: Origin): Configuration {
  const result = configurationSchema.safeParse(input);
  if (!result.success) throw invalidFile(origin.file, configurationSchema, input, result.error.issues);
  return { ...resolveReferences(result.data, origin), settings: settingsOf(input, result.data) };
}

function resolveReferences(parsed: ParsedConfiguration, origin: Origin): Omit<Configuration, 'settings'> {
  const absolute = (given: string) => resolve(origin.directory, given);
  const spid = parsed.sources.spid;
  const { metrics, mail, outbound, ...rest } = parsed;
  return {
    ...rest,
    ...(metrics ? { metrics: resolveMetrics(metrics, origin) } : {}),
    ...(mail ? { mail: resolveMail(mail, origin) } : {}),
    ...(outbound ? { outbound: resolveProxy(outbound, origin) } : {}),
    store: { url: absoluteStore(readSecret(parsed.store.url, 'store.url', origin), origin.directory) },
    keys: {
      ...parsed.keys,
      directory: absolute(parsed.keys.directory),
      watch: parsed.keys.watch.map(absolute),
      passphrase: readSecret(parsed.keys.passphrase, 'keys.passphrase', origin),
      previousPassphrase:
        parsed.keys.previousPassphrase === undefined
          ? undefined
          : readSecret(parsed.keys.previousPassphrase, 'keys.previousPassphrase', origin),
    },
    register: {
      ...parsed.register,
      ...(parsed.register.keyDirectory === undefined
        ? {}
        : { keyDirectory: absolute(parsed.register.keyDirectory) }),
      masterKey: masterKey(parsed.register.masterKey, 'register.masterKey', origin),
      previousMasterKey: previousMasterKey(parsed.register.previousMasterKey, origin),
      seals: {
        ...parsed.register.seals,
        ...(parsed.register.seals.timestampServer && {
          timestampServer: {
            url: parsed.register.seals.timestampServer.url,
            certificates: parsed.register.seals.timestampServer.certificates.map(absolute),
          },
        }),
      },
    },
    clients: parsed.clients.map((client, index) => ({
      ...client,
      ...(client.branding?.logo
        ? {
            branding: {
              ...client.branding,
              logo: readLogo(client.branding.logo, `clients[${index}].branding.logo`, origin),
            },
          }
        : {}),
      secrets: client.secrets.map((secret, at) =>
        readSecret(secret, `clients[${index}].secrets[${at}]`, origin),
      ),
    })),
    sources: {
      spid: {
        ...spid,
        identityProviders: {
          directory: absolute(spid.identityProviders.directory),
          test: spid.identityProviders.test,
          trustedSigners: spid.identityProviders.trustedSigners.map(absolute),
          ...(spid.identityProviders.registry
            ? {
                registry: {
                  ...spid.identityProviders.registry,
                  trustedSigners: spid.identityProviders.registry.trustedSigners.map(absolute),
                },
              }
            : {}),
        },
        testLogin: spid.testLogin && {
          ...spid.testLogin,
          providers: spid.testLogin.providers.map(absolute),
        },
      },
    },
  };
}

function masterKey(
  given: ParsedConfiguration['register']['masterKey'],
  key: string,
  origin: Origin,
): Configuration['register']['masterKey'] {
  if (given === undefined) return undefined;
  if (typeof given === 'object' && 'command' in given) return given;
  return { key: readSecret(given, key, origin) };
}

function previousMasterKey(
  given: ParsedConfiguration['register']['previousMasterKey'],
  origin: Origin,
): Configuration['register']['previousMasterKey'] {
  if (typeof given === 'object' && 'dataKey' in given) return given;
  return masterKey(given, 'register.previousMasterKey', origin);
}

function resolveMail(
  { password, ...server }: NonNullable<ParsedConfiguration['mail']>,
  origin: Origin,
): Configuration['mail'] {
  return password === undefined
    ? server
    : { ...server, password: readSecret(password, 'mail.password', origin) };
}

function resolveProxy(
  { proxy, noProxy }: NonNullable<ParsedConfiguration['outbound']>,
  origin: Origin,
): WebProxy {
  const url = readSecret(proxy, 'outbound.proxy', origin);
  if (URL.canParse(url) && /^https?:\/\/[^/]/.test(url)) return { url, exceptions: noProxy };
  // What was found may have a password in it.
  throw new Misconfigured(
    'configuration_invalid',
    `${origin.file}: outbound.proxy: allowed: http:// or https://, then the host and port of a web proxy`,
  );
}

function resolveMetrics(
  { token, ...address }: NonNullable<ParsedConfiguration['metrics']>,
  origin: Origin,
): Configuration['metrics'] {
  return token === undefined ? address : { ...address, token: readSecret(token, 'metrics.token', origin) };
}

function absoluteStore(url: string, directory: string): string {
  const match = /^sqlite:(?!:memory:)(.+)$/.exec(url);
  return match?.[1] ? `sqlite:${resolve(directory, match[1])}` : url;
}

function readSecret(secret: Secret, key: string, origin: Origin): string {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const value = origin.environment[secret.env];
    if (value) return value;
    throw new Misconfigured(
      'secret_missing',
      `${origin.file}: ${key}: the environment variable ${secret.env} is not set or empty`,
    );
  }
  const file = resolve(origin.directory, secret.file);
  try {
    const value = readFileSync(file, 'utf8').trim();
    if (value) return value;
  } catch {
    // the message below says it
  }
  throw new Misconfigured(
    'secret_missing',
    `${origin.file}: ${key}: the file ${file} cannot be read or is empty`,
  );
}

/** An image becomes part of the configuration, so that pages load nothing from elsewhere. */
function readLogo(given: string, key: string, origin: Origin): string {
  const file = resolve(origin.directory, given);
  try {
    return `data:image/png;base64,${readFileSync(file).toString('base64')}`;
  } catch {
    throw new Misconfigured('logo_missing', `${origin.file}: ${key}: the file ${file} cannot be read`);
  }
}
