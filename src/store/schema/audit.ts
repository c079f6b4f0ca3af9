/** Milliseconds since 1970, UTC. */
type Millis = number;

/** The tables of the audit trail (docs/console.md). */
export interface AuditTables {
  /** Append only, one row per thing that somebody with a role did or was refused. */
  audit_entries: {
    /** Place in the chain: 1, 2, 3, … without gaps. */
    seq: number;
    at: Millis;
    /** `console`, `api`, `command-line` or `schedule`. */
    via: string;
    /** Keyed hash of the person; null where no person was signed in. */
    actor_hash: string | null;
    action: string;
    /** `done` or `refused`. */
    outcome: string;
    target_kind: string | null;
    target_id: string | null;
    /** The body it concerns; null for what concerns all. */
    entity_id: string | null;
    /** SHA-256 of the content before it was sealed. */
    digest: string;
    /** SHA-256 over every column above and the hash of the entry before. */
    hash: string;
    /** Encrypted JSON: name of the actor, address, before and after. */
    content: Uint8Array;
  };
  /** Where the chain stands: one row, and the lock that keeps the chain from forking. */
  audit_head: {
    id: number;
    seq: number;
    hash: string;
    /** Keyed hash of both: whoever can only write to the database cannot move the head. */
    mac: string;
  };
}
