import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { sectorOf } from '../clients/sector.ts';
import { ageOn } from '../identity/age.ts';
import type { RecordedIdentity } from '../identity/identities.ts';
import { acrOf } from '../identity/level.ts';
import { approved, isOfStage } from './account.ts';
import { amrOf } from './amr.ts';
import { registered } from './client-metadata.ts';
import type { Missing, RequestFacts, SessionFacts } from './facts.ts';
import type { ProviderOptions } from './options.ts';
import { requestFacts } from './parameters.ts';

/** What a browser stands on, seen from one request. */
export interface Standing {
  /** The identity that answers the request: the one just proved, or one of the session's if the reuse rule lets it. */
  readonly identity?: RecordedIdentity | undefined;
  /** Otherwise what is missing, and of which identity it is the least. */
  readonly missing?: Missing;
  readonly nearest?: RecordedIdentity | undefined;
  /** The client wants the citizen to see as whom she enters before a session is reused, and she has not yet. */
  readonly unconfirmed: boolean;
}

/** From the least to the most that a citizen has to do about it. */
const EFFORT: readonly Missing[] = [
  'attributes',
  'fresh-authentication',
  'level',
  'reuse',
  'source',
  'age',
  'identity-kind',
  'entity',
  'person',
  'session',
];

const known = new WeakMap<KoaContextWithOIDC, Promise<Standing>>();

/** Worked out once per request: the checks of the policy and the grant have to see the same. */
export function standingOf(options: ProviderOptions, ctx: KoaContextWithOIDC): Promise<Standing> {
  const standing = known.get(ctx) ?? workOut(options, ctx);
  known.set(ctx, standing);
  return standing;
}

async function workOut(options: ProviderOptions, ctx: KoaContextWithOIDC): Promise<Standing> {
  const { session, client: libraryClient, params, result } = ctx.oidc;
  if (!libraryClient || !session) return { missing: 'session', unconfirmed: false };
  if (result?.login) {
    const proved = result['identityId'];
    const identity = typeof proved === 'string' ? await options.identities.find(proved) : undefined;
    return identity && isOfStage(identity, registered(libraryClient))
      ? { identity, unconfirmed: false }
      : { missing: 'session', unconfirmed: false };
  }
  const client = registered(libraryClient);
  const request = requestFacts(client, params ?? {}, options.claimsPrefix);
  const held = (await options.identities.ofSession(session.uid)).filter(
    ({ personId }) => personId === session.accountId,
  );
  const standing = nearestOf(options, held, client, request);
  const entered = session.authorizations?.[client.id] !== undefined;
  const asked = client.policy?.confirmReuse === true && !entered && !result?.['consent'];
  return { ...standing, unconfirmed: asked };
}

function nearestOf(
  options: ProviderOptions,
  held: readonly RecordedIdentity[],
  client: Client,
  request: RequestFacts,
): Omit<Standing, 'unconfirmed'> {
  const judged = held
    .map((identity) => ({
      identity,
      missing: options.missing(sessionFacts(options, identity, client), request),
    }))
    .sort((a, b) => effort(a.missing) - effort(b.missing));
  const [best] = judged;
  if (!best) return { missing: 'session' };
  const { identity, missing } = best;
  return missing === undefined ? { identity } : { missing, nearest: identity };
}

function effort(missing: Missing | undefined): number {
  return missing === undefined ? -1 : EFFORT.indexOf(missing);
}

function sessionFacts(options: ProviderOptions, identity: RecordedIdentity, client: Client): SessionFacts {
  return {
    ofStage: isOfStage(identity, client),
    entityId: identity.entityId,
    source: identity.source,
    level: identity.level,
    kind: identity.kind,
    authenticatedAt: identity.authenticatedAt,
    attributes: identity.asked,
    age: ageOn(identity.attributes.dateOfBirth, options.clock.now()),
    answersTo: (hint) => {
      // Compared only with what this client may know anyway, so that a hint is no way to find out more.
      const { email } = approved(identity.attributes, client);
      return (
        hint === options.subject(sectorOf(client), identity.personId) ||
        (email !== undefined && hint.toLowerCase() === email.toLowerCase())
      );
    },
  };
}

/**
 * A grant made anew for each request, of exactly what it asks and may have: nothing adds up over time. Session and
 * grant are tied to the identity they stand on, and what the client is told of the authentication is that one's.
 */
export async function grantFor(options: ProviderOptions, ctx: KoaContextWithOIDC) {
  const { session, client, provider } = ctx.oidc;
  const { identity, unconfirmed } = await standingOf(options, ctx);
  if (!identity || unconfirmed || !client || !session?.accountId) return undefined;
  if (identity.personId !== session.accountId) return undefined;
  session.acr = acrOf(identity.level);
  session.amr = amrOf(identity);
  session.loginTs = Math.floor(identity.authenticatedAt.getTime() / 1000);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  for (const [resource, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const scopes = [...ctx.oidc.requestParamScopes].filter((scope) => server.scopes.has(scope));
    grant.addResourceScope(resource, scopes.join(' '));
  }
  const grantId = await grant.save();
  if (await options.identities.link({ grantId, sessionUid: session.uid }, identity)) return grant;
  // She has signed out in another tab, or was signed out: nothing stands on it, and she has to prove who she is.
  await grant.destroy();
  known.set(ctx, Promise.resolve({ missing: 'session', unconfirmed: false }));
  return undefined;
}
