import type { Client } from '../clients/client.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { IdentityKind } from '../identity/identity.ts';
import type { Level } from '../identity/level.ts';

/** What the session of a browser can answer with. */
export interface SessionFacts {
  readonly entityId: string;
  readonly level: Level;
  readonly kind: IdentityKind;
  readonly authenticatedAt: Date;
  readonly attributes: readonly AttributeName[];
  /** Whether a `login_hint` means the person of this session, as far as the client may know her. */
  answersTo(loginHint: string): boolean;
}

/** What a client's request asks of a session. */
export interface RequestFacts {
  readonly client: Client;
  readonly level: Level;
  readonly attributes: readonly AttributeName[];
  readonly prompts: readonly string[];
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly loginHint: string | undefined;
}

/** A client's validated authorization request, waiting for the citizen to log in. */
export interface AuthorizationRequest extends RequestFacts {
  readonly uid: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly uiLocales: readonly string[];
  /** Provider to go to without asking. */
  readonly idpHint: string | undefined;
}
