/** Milliseconds since 1970, UTC. */
type Millis = number;

/** The tables of the administration console (docs/console.md). */
export interface AdminTables {
  /** Who may do what; one row per role. Nobody's codice fiscale is in it. */
  admin_grants: {
    id: string;
    /** Keyed hash of the person key. */
    person_hash: string;
    role: string;
    /** The body that the role is for; null for the whole union. */
    entity_id: string | null;
    /** Encrypted JSON: what the person is called in lists. */
    content: Uint8Array;
    created_at: Millis;
  };
  /** One-time codes by which somebody becomes an administrator. */
  admin_invitations: {
    code_hash: string;
    role: string;
    entity_id: string | null;
    consumed_at: Millis | null;
    expires_at: Millis;
    /** Names it in lists; null where it is no link. */
    id: string | null;
    /** Keyed hash of whom it is for; null for whoever has it. */
    person_hash: string | null;
    /** Encrypted JSON: who is invited, and by whom. */
    content: Uint8Array | null;
    /** Known longer than it is valid, so that a late guest is told from a stranger. */
    purge_at: Millis | null;
  };
  /** Notices about secrets that end, by how many days before. */
  secret_notices: {
    secret_id: string;
    days: number;
    /** Until then a process is sending it. */
    claimed_until: Millis;
    sent_at: Millis | null;
  };
  /** Requests at the API that are done once, with the answer to give again. */
  api_idempotency: {
    key_hash: string;
    request_hash: string;
    /** Encrypted JSON of the answer, without secrets; null while the first request is under way. */
    content: Uint8Array | null;
    created_at: Millis;
    expires_at: Millis;
  };
  /** Initial access tokens of dynamic client registration. */
  registration_tokens: {
    /** Names it in lists and in the audit trail. */
    id: string;
    token_hash: string;
    /** The body that its services belong to. */
    entity_id: string;
    /** JSON: the hosts that a service registered with it may name. */
    hosts: string;
    uses: number;
    uses_left: number;
    created_at: Millis;
    expires_at: Millis;
    revoked_at: Millis | null;
    /** Known longer than it is valid, so that an ended token is told from an invented one. */
    purge_at: Millis;
  };
  /** Every version of a client that was written in the console. */
  client_versions: {
    client_id: string;
    version: number;
    state: string;
    /** JSON of Client. */
    metadata: string;
    /** Keyed hash of who made it; null where no person was signed in. */
    author_hash: string | null;
    at: Millis;
  };
  /** Changes of live clients that wait for a second person. */
  client_proposals: {
    client_id: string;
    /** Names this one: a newer one of the same client has another. */
    id: string;
    /** The version of the client that it changes. */
    base_version: number;
    /** JSON of Client. */
    metadata: string;
    /** Keyed hash of who made it; null where no person was signed in. */
    author_hash: string | null;
    /** Encrypted: what its author is called. */
    content: Uint8Array;
    at: Millis;
  };
}
