import { randomBytes } from 'node:crypto';
import type { Clock } from '../operations/clock.ts';
import { newId } from '../saml/documents.ts';
import { Remembered } from './remembered.ts';

/** As long as a provider lets a citizen in again without asking who she is, in milliseconds. */
const SESSION_MS = 30 * 60 * 1000;

interface Session {
  readonly user: string;
  readonly index: string;
  /** The names the citizen goes by, and the service provider each one was given to. */
  readonly names: Map<string, string>;
}

/**
 * Authentication sessions of the provider. They exist at level 1 only: levels 2 and 3 ask the citizen every time
 * (spid-register-and-logout, 2).
 */
export class ProviderSessions {
  readonly #sessions: Remembered<Session>;

  constructor(clock: Clock) {
    this.#sessions = new Remembered(clock, SESSION_MS);
  }

  /** Who is in. @param id what the citizen's browser brought */
  userOf(id: string | undefined): string | undefined {
    return this.#sessions.get(id)?.user;
  }

  /**
   * Lets a citizen in to a service provider: goes on with the session she has, or begins one.
   * @returns the session's id for the browser, and what the service provider is told of it
   */
  enter(
    known: string | undefined,
    user: string,
    entityId: string,
  ): { readonly id: string; readonly nameId: string; readonly sessionIndex: string } {
    const existing = this.#sessions.get(known);
    const goesOn = existing?.user === user;
    if (known && !goesOn) this.#sessions.delete(known);
    const id = known && goesOn ? known : randomBytes(24).toString('base64url');
    const session = existing && goesOn ? existing : { user, index: newId(), names: new Map() };
    const nameId = newId();
    session.names.set(nameId, entityId);
    this.#sessions.set(id, session);
    return { id, nameId, sessionIndex: session.index };
  }

  /**
   * Closes the session that a service provider knows by these names.
   * @returns whether there was one, and no other service provider has sessions that hang on it
   */
  close(entityId: string, nameId: string, sessionIndex: string): boolean {
    const found = this.#sessions
      .entries()
      .find(([, { index, names }]) => index === sessionIndex && names.get(nameId) === entityId);
    if (!found) return false;
    const [id, { names }] = found;
    this.#sessions.delete(id);
    return [...names.values()].every((other) => other === entityId);
  }
}
