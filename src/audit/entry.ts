import type { PersonKey } from '../identity/identity.ts';
import type { AuditTables } from '../store/schema/audit.ts';

/**
 * Who did something: a person who signed in, a client or a program with a token, the configuration file at a start, or
 * whoever sits at the server's command line.
 */
export type Actor =
  | { readonly kind: 'person'; readonly person: PersonKey; readonly name: string }
  | { readonly kind: 'client'; readonly id: string }
  | { readonly kind: 'registration-token'; readonly name: string }
  | { readonly kind: 'configuration'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string };

/** What somebody is called in lists. */
export function nameOf(actor: Actor): string {
  return actor.kind === 'client' ? actor.id : actor.name;
}

/** Something that was done, or was refused to somebody who tried. */
export interface AuditEvent {
  readonly at: Date;
  readonly actor: Actor;
  readonly via: 'console' | 'api' | 'command-line' | 'schedule' | 'registration' | 'configuration';
  /** Object and verb: `client.suspend`. */
  readonly action: string;
  readonly outcome?: 'done' | 'refused';
  readonly target?: { readonly kind: string; readonly id: string };
  /** The body it concerns. */
  readonly entityId?: string | undefined;
  /** Network address it came from. */
  readonly address?: string | undefined;
  /** The target as it was and as it is now: JSON values, nothing secret. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Who does something, from where. */
export type By = Pick<AuditEvent, 'actor' | 'via' | 'address'>;

/** An entry as it is read again. */
export interface AuditEntry {
  readonly seq: number;
  readonly at: Date;
  readonly via: string;
  readonly actorHash: string | undefined;
  /** Name of the person, client or operator. */
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly target: { readonly kind: string; readonly id: string } | undefined;
  readonly entityId: string | undefined;
  readonly address: string | undefined;
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: string;
}

export type AuditRow = AuditTables['audit_entries'];

/** The part of an entry that is encrypted. */
export interface AuditContent {
  readonly actor: string;
  readonly address?: string | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
}

export function entryOf(row: AuditRow, content: AuditContent): AuditEntry {
  return {
    seq: row.seq,
    at: new Date(row.at),
    via: row.via,
    actorHash: row.actor_hash ?? undefined,
    actor: content.actor,
    action: row.action,
    outcome: row.outcome,
    target:
      row.target_kind !== null && row.target_id !== null
        ? { kind: row.target_kind, id: row.target_id }
        : undefined,
    entityId: row.entity_id ?? undefined,
    address: content.address,
    before: content.before,
    after: content.after,
    hash: row.hash,
  };
}
