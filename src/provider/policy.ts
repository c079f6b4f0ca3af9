import { decodeJwt } from 'jose';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { sectorOf } from '../clients/sector.ts';
import { acrOf } from '../identity/level.ts';
import { registered } from './client-metadata.ts';
import { essentialAcrs } from './parameters.ts';
import type { ProviderOptions } from './options.ts';
import type { ServiceErrorCode } from './service-errors.ts';
import { standingOf } from './standing.ts';

const { Check, Prompt } = interactionPolicy;

/**
 * When a citizen is asked, and for what. `login`: to prove who she is, or what is missing for this request. `consent`:
 * to see as whom she enters; what a service gets is fixed at its registration and shown on the page.
 */
export function policy(options: ProviderOptions): interactionPolicy.DefaultPolicy {
  const prompts = interactionPolicy.base();
  prompts.remove('consent');
  const login = prompts.get('login');
  if (!login) throw new Error('the library has no login prompt');
  // Freshness, level and person are judged together, by the identity that would answer and not by the last login.
  for (const reason of [
    'max_age',
    'id_token_hint',
    'claims_id_token_sub_value',
    'essential_acr',
    'essential_acrs',
  ])
    login.checks.remove(reason);
  login.checks.add(sufficient(options));
  login.checks.add(expectedSubject(options));
  login.checks.add(essentialLevel(options));
  const asWhom = async (ctx: KoaContextWithOIDC) => ({
    identityId: (await standingOf(options, ctx)).identity?.id,
  });
  prompts.add(new Prompt({ name: 'consent', requestable: true }, asWhom, confirmed(options)));
  // The page that shows her as whom she enters is also where she says that she is somebody else.
  prompts.add(new Prompt({ name: 'select_account', requestable: true }, asWhom));
  return prompts;
}

function sufficient(options: ProviderOptions): interactionPolicy.Check {
  return new Check(
    'session_insufficient',
    'session_insufficient' satisfies ServiceErrorCode,
    'login_required',
    async (ctx) => {
      if (!ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
      if ((await standingOf(options, ctx)).identity) return Check.NO_NEED_TO_PROMPT;
      // What she has just proved was ended before she got here: the service has to know.
      if (ctx.oidc.result?.login) throw new errors.LoginRequired('not_signed_in' satisfies ServiceErrorCode);
      return Check.REQUEST_PROMPT;
    },
    async (ctx) => {
      const { missing, nearest } = await standingOf(options, ctx);
      return { missing, identityId: nearest?.id };
    },
  );
}

/** The person that an ID token as hint, or the value of a requested `sub`, means (OpenID Connect Core 3.1.2.1, 5.5.1). */
function expectedSubject(options: ProviderOptions): interactionPolicy.Check {
  return new Check('another_person', 'another_person' satisfies ServiceErrorCode, 'login_required', (ctx) => {
    const { session, client, claims, result } = ctx.oidc;
    const requested = claims?.id_token?.['sub'] as { value?: unknown } | null | undefined;
    const expected = [hintedSubject(ctx), requested?.value].filter((sub) => sub !== undefined);
    if (expected.length === 0 || !session?.accountId || !client) return Check.NO_NEED_TO_PROMPT;
    const actual = options.subject(sectorOf(registered(client)), session.accountId);
    if (expected.every((sub) => sub === actual)) return Check.NO_NEED_TO_PROMPT;
    // Somebody else proved herself: asking again would go round in circles.
    if (result?.login) throw new errors.LoginRequired('another_person' satisfies ServiceErrorCode);
    return Check.REQUEST_PROMPT;
  });
}

/** On the way back from a login the library has the hint no more; it has verified it when the login began. */
function hintedSubject(ctx: KoaContextWithOIDC): unknown {
  const verified = ctx.oidc.entities.IdTokenHint as { payload: { sub?: unknown } } | undefined;
  if (verified) return verified.payload.sub;
  const hint = ctx.oidc.params?.['id_token_hint'];
  return typeof hint === 'string' && hint.split('.').length === 3 ? decodeJwt(hint).sub : undefined;
}

function essentialLevel(options: ProviderOptions): interactionPolicy.Check {
  return new Check(
    'essential_acr',
    'level_not_reached' satisfies ServiceErrorCode,
    'login_required',
    async (ctx) => {
      const wanted = essentialAcrs(ctx.oidc.params ?? {});
      if (wanted.length === 0 || !ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
      const { identity } = await standingOf(options, ctx);
      if (!identity || wanted.includes(acrOf(identity.level))) return Check.NO_NEED_TO_PROMPT;
      // After a login asking again would bring the same level: the client has to know.
      if (ctx.oidc.result?.login)
        throw new errors.UnmetAuthenticationRequirements('level_not_reached' satisfies ServiceErrorCode);
      return Check.REQUEST_PROMPT;
    },
  );
}

function confirmed(options: ProviderOptions): interactionPolicy.Check {
  return new Check(
    'unconfirmed',
    'not_confirmed' satisfies ServiceErrorCode,
    'interaction_required',
    async (ctx) => {
      const { unconfirmed, identity } = await standingOf(options, ctx);
      return identity && unconfirmed ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    },
  );
}
