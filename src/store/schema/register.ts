/** Milliseconds since 1970, UTC. */
type Millis = number;

/** The tables of the transaction register (docs/register.md). */
export interface RegisterTables {
  /** Append only, one row per thing that happened; each entity has a chain of its own. */
  register_entries: {
    entity_id: string;
    /** Place in the entity's chain: 1, 2, 3, … without gaps. */
    seq: number;
    /** All entries of one authentication share it. */
    transaction_id: string;
    reference: string;
    at: Millis;
    /** Whose data key sealed the entry, and with which it goes: `2026-11`. Never falls along the chain. */
    month: string;
    kind: string;
    source: string;
    client_id: string | null;
    provider: string | null;
    request_id: string | null;
    message_id: string | null;
    assertion_id: string | null;
    /** `accepted`, or the check id or anomaly code it failed with; null for requests. */
    outcome: string | null;
    /** Level asked for (requests) or given. */
    level: number | null;
    /** Names of the claims released to the client, separated by blanks. Names only. */
    claims: string | null;
    /** Keyed hash of the person key: search without decrypting. */
    person_hash: string | null;
    /** SHA-256 of the evidence before it was compressed and sealed. */
    digest: string;
    /** SHA-256 over every column above and the hash of the entry before. */
    hash: string;
    /** Encrypted: the exact bytes and the evidence around them. */
    content: Uint8Array;
  };
  /** Where each entity's chain stands. The lock that keeps a chain from forking is this row. */
  register_heads: {
    entity_id: string;
    seq: number;
    hash: string;
    at: Millis;
    month: string;
    /** Names the entity's register key: another one must not go on with this chain. */
    key_id: string;
    /** Keyed hash of all above: whoever can only write to the database cannot move the head. */
    mac: string;
  };
  /** Signed statements of where a chain stood. */
  register_seals: {
    entity_id: string;
    seq: number;
    at: Millis;
    /** The statement and its signature, in compact form. */
    jws: string;
    /** RFC 3161 token over the JWS, DER. */
    timestamp: Uint8Array | null;
    mac: string;
  };
  /** Stretches of chains that retention has destroyed: a certificate of destruction each. */
  register_destroyed: {
    entity_id: string;
    first_seq: number;
    last_seq: number;
    /** Hash of the entry before the first one, and of the last one. */
    hash_before: string;
    hash_after: string;
    at: Millis;
    /** The newest month in it. */
    month: string;
    mac: string;
  };
  /** What must not be destroyed while it lasts, and why. */
  register_holds: {
    id: string;
    entity_id: string | null;
    transaction_id: string | null;
    person_hash: string | null;
    reason: string;
    placed_by: string;
    placed_at: Millis;
    lifted_by: string | null;
    lifted_at: Millis | null;
  };
  /** Accesses that a citizen says were not hers: a case each, until somebody closes it. */
  access_reports: {
    id: string;
    transaction_id: string;
    reference: string;
    client_id: string;
    person_hash: string;
    reported_at: Millis;
    closed_at: Millis | null;
    closed_by: string | null;
    /** What was found out: see register/accesses.ts. */
    outcome: string | null;
  };
  /** What entries name by its hash and may have to be shown years later: identity providers' metadata. Public. */
  register_documents: {
    /** SHA-256 of the bytes, hexadecimal. */
    hash: string;
    bytes: Uint8Array;
    first_at: Millis;
    /** The newest month in which an entry was about to name it. */
    last_month: string;
  };
  /** Somebody looks, or wants to look, into the register: with a reason, for a time. */
  register_consultations: {
    id: string;
    /** `waiting`, `open` or `refused`. */
    state: string;
    asked_at: Millis;
    /** Keyed hash of the person; null where an operator asked from the command line. */
    asker_hash: string | null;
    decider_hash: string | null;
    /** Waiting: until then it may be decided. Open: until then it may be used. */
    ends_at: Millis;
    /** Encrypted JSON: names, the reason, what it covers. */
    content: Uint8Array;
    /** Then the row is deleted; the audit trail goes on to know. */
    expires_at: Millis;
  };
}
