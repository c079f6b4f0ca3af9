import type { Client } from '../clients/client.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { IdentityKind, SourceKind } from '../identity/identity.ts';
import type { Level } from '../identity/level.ts';

/** What the session of a browser can answer with. */
export interface SessionFacts {
  /** Proved by a test identity provider for a service in the test stage, or by another for a live one. */
  readonly ofStage: boolean;
  readonly entityId: string;
  readonly source: SourceKind;
  readonly level: Level;
  readonly kind: IdentityKind;
  readonly authenticatedAt: Date;
  readonly attributes: readonly AttributeName[];
  /** In whole years now; undefined when it is not known. */
  readonly age: number | undefined;
  /** Whether a `login_hint` means the person of this session, as far as the client may know her. */
  answersTo(loginHint: string): boolean;
}

/** Why a session cannot answer a request. */
export type Missing =
  | 'session'
  | 'entity'
  | 'person'
  | 'identity-kind'
  | 'source'
  | 'age'
  | 'level'
  | 'fresh-authentication'
  | 'attributes'
  | 'reuse';

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
  /** `login`: the citizen has to prove something. `consent`: her session suffices, and she is to see as whom she enters. */
  readonly prompt: 'login' | 'consent';
  /** What the session that comes closest lacks, and the identity it is about. */
  readonly missing: Missing | undefined;
  readonly heldIdentity: string | undefined;
}
