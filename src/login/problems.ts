import type { Context } from 'koa';
import type { Client } from '../clients/client.ts';
import { newReference } from '../operations/reference.ts';
import type { Failure, FailureReason } from '../sources/source.ts';
import { languageOf } from '../web/language.ts';
import { problemPage, type ProblemActions } from '../web/pages/problem.ts';
import type { LoginRecord } from './logins.ts';
import { allowLeaving, loginPath, nameOf, problemFrame, type LoginRoom } from './room.ts';

const ERRORS = [
  'access_denied',
  'server_error',
  'temporarily_unavailable',
  'unmet_authentication_requirements',
] as const;
type OidcError = (typeof ERRORS)[number];

/** What a service is told when the citizen goes back to it without having entered (spid-response-validation, 6.1). */
const OIDC_ERRORS: Readonly<Record<FailureReason, OidcError>> = {
  rejected: 'server_error',
  unsolicited: 'server_error',
  'no-answer': 'server_error',
  expired: 'access_denied',
  'already-used': 'access_denied',
  unreachable: 'temporarily_unavailable',
  'provider-fault': 'temporarily_unavailable',
  'switched-off': 'temporarily_unavailable',
  'our-fault': 'server_error',
  'not-started': 'server_error',
  'wrong-credentials': 'access_denied',
  'level-not-held': 'access_denied',
  'timed-out': 'access_denied',
  'consent-refused': 'access_denied',
  'identity-suspended': 'access_denied',
  cancelled: 'access_denied',
  'not-completed': 'access_denied',
  'wrong-identity-kind': 'access_denied',
  'attributes-missing': 'access_denied',
  'age-not-allowed': 'access_denied',
  unknown: 'server_error',
};

/** Where trying the same provider once more is no use. */
const NO_RETRY: ReadonlySet<FailureReason> = new Set([
  'age-not-allowed',
  'our-fault',
  'switched-off',
  'identity-suspended',
  'already-used',
  'unsolicited',
]);

/** Ends a login with a page of the right status: AgID's checker judges by it, citizens by the words. */
export async function showFailure(ctx: Context, room: LoginRoom, failure: Failure): Promise<void> {
  const login =
    failure.loginUid === undefined ? undefined : await room.logins.find(room.queryable, failure.loginUid);
  const client = login && (await room.clients.find(login.clientId));
  const language = languageOf(ctx);
  const again = await mayRetry(room, failure);
  if (client) allowLeaving(ctx, room, client);
  ctx.status = failure.status;
  ctx.type = 'html';
  ctx.body = problemPage(problemFrame(room, language), {
    reason: failure.reason,
    variables: {
      service: client ? nameOf(client, language) : '',
      level: failure.level ?? client?.minimumLevel ?? 2,
      purpose: client?.policy?.purpose,
      again: login !== undefined && again,
    },
    reference: failure.reference,
    actions: login ? actionsFor(login, client, failure, again) : { home: { url: '/', service: false } },
  });
}

/**
 * A page of a login that this browser cannot go on with: completed (somebody went back), expired, or begun elsewhere.
 * The way back to the service is known a day longer.
 */
export async function showLostLogin(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  const login = await room.logins.find(room.queryable, uid);
  const client = login && (await room.clients.find(login.clientId));
  const reason = login?.completed ? 'login-over' : 'login-unknown';
  const language = languageOf(ctx);
  const reference = login?.reference ?? newReference();
  room.log.event({
    event: 'request_refused',
    reference,
    code: reason,
    status: 400,
    method: ctx.method,
    route: 'login',
  });
  ctx.status = 400;
  ctx.type = 'html';
  ctx.body = problemPage(problemFrame(room, language), {
    reason,
    variables: { service: client ? nameOf(client, language) : '', level: client?.minimumLevel ?? 2 },
    reference,
    actions: client
      ? { home: { url: client.homePage, service: true } }
      : { home: { url: '/', service: false } },
  });
}

/** Whether the same provider once more makes sense; after a request that was not accepted, once and no more. */
async function mayRetry({ queryable }: LoginRoom, { reason, loginUid }: Failure): Promise<boolean> {
  if (NO_RETRY.has(reason)) return false;
  if (reason !== 'not-started' || loginUid === undefined) return true;
  const { requests } = await queryable
    .selectFrom('pending_requests')
    .select(({ fn }) => fn.countAll<number>().as('requests'))
    .where('login_uid', '=', loginUid)
    .executeTakeFirstOrThrow();
  return Number(requests) < 2;
}

function actionsFor(
  login: LoginRecord,
  client: Client | undefined,
  failure: Failure,
  again: boolean,
): ProblemActions {
  const path = loginPath(login.uid);
  const error =
    (failure.reason === 'level-not-held' && client?.policy?.levelNotHeld) || OIDC_ERRORS[failure.reason];
  return {
    retry: again && failure.provider ? { action: `${path}/depart`, provider: failure.provider } : undefined,
    otherIdentity: failure.reason === 'already-used' ? undefined : `${path}?choose`,
    backToService: { action: `${path}/back`, code: `${error} ${failure.code}` },
  };
}

/** The error that the back-to-service button carries, or the one for turning back on the choice page. */
export function errorFrom(code: string | undefined): { error: string; error_description: string } {
  const [error, description] = code?.split(' ') ?? [];
  const known = ERRORS.some((value) => value === error);
  return known && error && description && /^[a-z0-9_]{1,40}$/.test(description)
    ? { error, error_description: description }
    : { error: 'access_denied', error_description: 'cancelled' };
}
