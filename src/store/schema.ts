import type { Generated } from 'kysely';
import type { AdminTables } from './schema/admin.ts';
import type { AuditTables } from './schema/audit.ts';
import type { EntityTables } from './schema/entities.ts';
import type { FigureTables } from './schema/figures.ts';
import type { FederationTables } from './schema/federation.ts';
import type { PortalTables } from './schema/portal.ts';
import type { SignOutTables } from './schema/sign-outs.ts';
import type { RegisterTables } from './schema/register.ts';

/** The engines. Everything runs on both. */
export type Dialect = 'sqlite' | 'postgres';

/** Milliseconds since 1970, UTC. */
type Millis = number;

/** Every table, typed. Columns named `content` or `payload` are encrypted before they get here (see keys/cipher.ts). */
export interface Database
  extends
    AdminTables,
    AuditTables,
    EntityTables,
    FederationTables,
    FigureTables,
    PortalTables,
    RegisterTables,
    SignOutTables {
  /** State of the OpenID Provider: sessions, grants, codes, tokens, interactions. */
  oidc_records: {
    model: string;
    /** SHA-256 of the identifier: whoever reads the table cannot use the tokens in it. */
    id_hash: string;
    grant_id: string | null;
    uid_hash: string | null;
    /** Whom it was issued to, and in which epoch of its: in another one it is good for nothing. */
    client_id: string | null;
    client_epoch: number | null;
    payload: Uint8Array;
    consumed_at: Millis | null;
    expires_at: Millis | null;
  };
  /** Requests counted for all processes; keys are hashed. Only PostgreSQL has any: SQLite has one process. */
  rate_limits: { key: string; points: number; expire: Millis | null };
  /** Identifiers that may be used only once (jti, assertion ID), until they could not be accepted anyway. */
  used_once: { kind: string; id: string; expires_at: Millis };
  clients: {
    id: string;
    entity_id: string;
    /** Who wrote the row: 'configuration' rows follow the configuration file. */
    origin: string;
    /** JSON of Client. */
    metadata: string;
    created_at: Millis;
    updated_at: Millis;
    /** See clients/state.ts; only live clients are known to the OpenID Provider. */
    state: Generated<string>;
    version: Generated<number>;
    /** The role (`admin_grants`) of whoever develops it; null, or one that was taken away, for its administrators alone. */
    developer_id: string | null;
    /** Another after every suspension, and for every client that comes into being: compared, never reckoned with. */
    epoch: Generated<number>;
    /** What it is found by: id and names, in small letters. */
    search: Generated<string>;
  };
  client_secrets: {
    id: string;
    client_id: string;
    /** argon2id, in PHC string format. */
    hash: string;
    created_at: Millis;
    expires_at: Millis | null;
    last_used_at: Millis | null;
  };
  /** A natural person, by a random identifier: `sub` derives from it, never from the codice fiscale. */
  persons: { id: string; created_at: Millis };
  person_keys: { key_hash: string; key_id: string; kind: string; person_id: string; created_at: Millis };
  /** One proved identity (one authentication of one person). */
  identities: {
    id: string;
    person_id: string;
    entity_id: string;
    source: string;
    provider: string;
    level: number;
    kind: string;
    authenticated_at: Millis;
    transaction_id: string;
    /** SHA-256 of provider and NameID, where the provider keeps a session that logout can close. */
    upstream_hash: string | null;
    /** Encrypted JSON of the attributes and the upstream session. */
    content: Uint8Array;
    expires_at: Millis;
  };
  /** Which identity a grant of the OpenID Provider stands on. */
  identity_links: { kind: 'grant'; ref_hash: string; identity_id: string; expires_at: Millis };
  /** Which identities the session of a browser holds: of several entities and levels at once. */
  session_identities: { session_hash: string; identity_id: string; expires_at: Millis };
  /** Logouts that services have to be told of. */
  logout_notices: {
    id: string;
    client_id: string;
    /** Encrypted JSON: the person and the session as the client knows it. */
    content: Uint8Array;
    created_at: Millis;
    attempts: number;
    /** Null when there will be no further attempt by itself. */
    next_attempt_at: Millis | null;
    /** Why the last attempt failed: a code. */
    failure: string | null;
    expires_at: Millis;
  };
  /** One citizen's journey. Outlives the OpenID Provider's interaction, so that a late citizen still finds the way back. */
  logins: {
    uid: string;
    reference: string;
    client_id: string;
    entity_id: string;
    /** Encrypted JSON: redirect URI, state and response mode of the client's validated request. */
    content: Uint8Array;
    created_at: Millis;
    identity_id: string | null;
    /** What the session held when only the rest was asked for. */
    base_identity_id: string | null;
    completed_at: Millis | null;
    expires_at: Millis;
  };
  /** A request that left and has not come back. */
  pending_requests: {
    id: string;
    source: string;
    login_uid: string;
    transaction_id: string;
    entity_id: string;
    provider: string;
    /** JSON of what the source needs to judge the answer; no personal data. */
    request: string;
    created_at: Millis;
    /** From then on the answer is late. */
    expires_at: Millis;
    consumed_at: Millis | null;
    /** SHA-256 of the answer that consumed it. */
    answer_hash: string | null;
    /** Kept longer than it is valid, so that a late answer is told from an unsolicited one. */
    purge_at: Millis;
  };
}
