import { createHash } from 'node:crypto';
import type { Queryable } from '../store/store.ts';
import { idHash } from './adapter.ts';

/** Whom a logout is about: what came of one session, or all of a person (OpenID Connect Back-Channel Logout 1.0, 2.4). */
export type LoggedOut = { readonly sid: string } | { readonly sub: string };

/** Longer than any session of our own pages, in milliseconds. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * The `sid` by which our own pages know a session, for as long as it lasts: whatever ends the session knows it, also where
 * two tabs have written over what the session says of its clients.
 */
export function ownSid(sessionUid: string): string {
  return idHash(sessionUid);
}

/**
 * What a logout token says, without a message: it is written down, and every request to our own pages looks for it. So it
 * holds at every process, also for whoever is still on the way in.
 */
export async function writeLogout(db: Queryable, who: LoggedOut, now: Date): Promise<void> {
  const at = now.getTime();
  const times = { at, expires_at: at + KEPT_MS };
  await db
    .insertInto('portal_logouts')
    .values({ name_hash: logoutName(who), ...times })
    .onConflict((conflict) => conflict.column('name_hash').doUpdateSet(times))
    .execute();
}

/** Under which name a logout is found. */
export function logoutName(who: LoggedOut): string {
  const [kind, name] = 'sid' in who ? ['sid', who.sid] : ['sub', who.sub];
  return createHash('sha256').update(`${kind}:${name}`).digest('base64url');
}
