import type Router from '@koa/router';
import type { Context } from 'koa';
import type { By } from '../audit/entry.ts';
import { InvalidClient, type ClientChanges } from '../clients/changes.ts';
import type { Client } from '../clients/client.ts';
import { newClientId } from '../clients/client-id.ts';
import { InvalidRegistration, registrationFault, requestedClient } from '../clients/registration-request.ts';
import type { RegistrationToken, RegistrationTokens } from '../clients/registration-tokens.ts';
import { readBody } from '../operations/body.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Log } from '../operations/log.ts';
import { addressKey, type RateLimits } from '../operations/rate-limits.ts';
import { bodyText, jsonValue } from '../operations/text.ts';
import { clientMetadata, OURS } from './client-metadata.ts';

export const REGISTRATION_PATH = '/oidc/register';

/** A key set with a dozen certificates is smaller, in bytes. */
const LARGEST_REQUEST = 128 * 1024;

interface RegistrationOptions {
  readonly clients: ClientChanges;
  readonly tokens: RegistrationTokens;
  readonly limits: RateLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Dynamic client registration (RFC 7591). An endpoint of ours, for the register is ours: the library would hand out its
 * own view of a client, with a secret that is none.
 */
export function mountRegistration(router: Router, options: RegistrationOptions): void {
  router.post(REGISTRATION_PATH, async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    try {
      ctx.body = await register(ctx, options);
      ctx.status = 201;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      options.log.event({ event: 'registration_refused', code: error.code, status: error.status });
      refuse(ctx, error);
    }
  });
}

async function register(ctx: Context, options: RegistrationOptions): Promise<object> {
  const { clients, tokens, clock } = options;
  const token = await presented(ctx, options);
  const by: By = {
    actor: { kind: 'registration-token', name: token.id },
    via: 'registration',
    address: ctx.ip,
  };
  try {
    tokens.refuseUnlessGood(token);
    const client = requestedClient(await readJson(ctx), newClientId(), token);
    const secret = await clients.create(client, by, {
      within: (transaction) => tokens.use(transaction, token, client.id, by),
    });
    return answerOf(client, secret, clock);
  } catch (error) {
    const told = error instanceof InvalidClient ? registrationFault(error.violations) : error;
    if (told instanceof Refused) {
      if (told.status === 401) await guessed(ctx, options.limits);
      await tokens.refused(token, told.code, by);
    }
    throw told;
  }
}

/**
 * The token of a request. Whoever shows bad ones too often is not looked at for a while.
 * @throws Refused `registration_token_missing`, `registration_token_unknown` (401), `too_many_requests` (429)
 */
async function presented(ctx: Context, { tokens, limits }: RegistrationOptions): Promise<RegistrationToken> {
  const before = await limits.counted('wrong-secret', guesser(ctx));
  if (before?.reached) {
    ctx.set('Retry-After', String(before.seconds));
    throw new Refused('too_many_requests', 'too many bad tokens from this address', { status: 429 });
  }
  const [, value] = /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('authorization')) ?? [];
  if (value === undefined)
    throw new Refused('registration_token_missing', 'no initial access token', { status: 401 });
  const token = await tokens.find(value);
  if (token) return token;
  await guessed(ctx, limits);
  throw new Refused('registration_token_unknown', 'no such initial access token', { status: 401 });
}

async function guessed(ctx: Context, limits: RateLimits): Promise<void> {
  await limits.take('wrong-secret', guesser(ctx));
}

function guesser(ctx: Context): string {
  return JSON.stringify([REGISTRATION_PATH, addressKey(ctx.ip)]);
}

async function readJson(ctx: Context): Promise<unknown> {
  if (!ctx.is('application/json')) throw notJson();
  const body = await readBody(ctx.req, LARGEST_REQUEST);
  try {
    return jsonValue(bodyText(body));
  } catch {
    throw notJson();
  }
}

function notJson(): InvalidRegistration {
  return new InvalidRegistration('invalid_client_metadata', 'metadata_invalid', 'body: allowed: JSON');
}

/** What was registered, as RFC 7591, 3.2.1 wants it told. */
function answerOf(client: Client, secret: string | undefined, clock: Clock): object {
  // What the library needs to be told and no service does.
  const hidden = new Set([OURS, 'client_secret', 'sector_identifier_uri', 'response_modes']);
  const metadata = Object.entries(clientMetadata(client)).filter(([key]) => !hidden.has(key));
  return {
    ...Object.fromEntries(metadata),
    'client_name#it': client.name.it,
    'client_name#en': client.name.en,
    client_uri: client.homePage,
    ...(client.contacts ? { contacts: client.contacts } : {}),
    scope: 'openid',
    client_id_issued_at: Math.floor(clock.now().getTime() / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
  };
}

function refuse(ctx: Context, error: Refused): void {
  const { status, code } = error;
  ctx.status = status;
  if (status === 401) {
    // RFC 6750, 3: whoever showed nothing is only told what to show.
    const because = code === 'registration_token_missing' ? '' : ` error="invalid_token"`;
    ctx.set('WWW-Authenticate', `Bearer${because}`);
    ctx.body = { error: 'invalid_token', error_description: code };
  } else if (status === 429) ctx.body = { error: 'temporarily_unavailable', error_description: code };
  else {
    const kind = error instanceof InvalidRegistration ? error.error : 'invalid_client_metadata';
    ctx.body = { error: kind, error_description: `${code}: ${error.message.replaceAll(/["\\]/g, "'")}` };
  }
}
