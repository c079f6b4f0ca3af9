import type { PersonKey, SourceKind } from '../identity/identity.ts';
import type { Level } from '../identity/level.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Evidence } from './evidence.ts';

/** What happened: a message left or came, or something was handed to a client. */
export type EntryKind =
  | 'request' // an authentication request left
  | 'response' // an answer came, good or bad
  | 'no-answer' // nobody answered a request in its time
  | 'logout-request' // a logout request came or left
  | 'logout-response'
  | 'granted' // a client got a code: session and grant stand on this authentication
  | 'tokens' // a client got tokens
  | 'released' // a client read the citizen's data
  | 'logged-out' // the session was closed at the OpenID Provider
  | 'destroyed'; // retention: the certificate of it

/** One message of an authentication or logout, or one thing that followed from it (spid-register-and-logout, 1). */
export interface Entry {
  /** Shared by all entries of one authentication. */
  readonly transactionId: string;
  /** The code on the citizen's page, if one is shown. */
  readonly reference: string;
  readonly at: Date;
  readonly kind: EntryKind;
  /** Where the person proved who she is; `register` for what concerns the register itself. */
  readonly source: SourceKind | 'register';
  /** Short id of the entity whose register it is. */
  readonly entityId: string;
  readonly clientId?: string | undefined;
  readonly provider?: string | undefined;
  /** ID of the request, or of the request that the message claims to answer. */
  readonly requestId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly assertionId?: string | undefined;
  /** `accepted`, the id of the check that refused, or the anomaly code. */
  readonly outcome?: string | undefined;
  /** Asked for (requests) or given. */
  readonly level?: Level | undefined;
  /** Names of the claims that the client got. */
  readonly claims?: readonly string[] | undefined;
  /** Whose entry it is: the person's key, or the hash under which an earlier entry knows her. */
  readonly person?: PersonKey | { readonly hash: string } | undefined;
  /** The exact bytes and whatever proves them later. Encrypted. */
  readonly evidence: Evidence;
}

/** An entry without its evidence: what an operator may see without opening it. */
export interface EntrySummary {
  readonly entityId: string;
  readonly seq: number;
  readonly at: Date;
  readonly transactionId: string;
  readonly reference: string;
  readonly kind: string;
  readonly source: string;
  readonly clientId: string | null;
  readonly provider: string | null;
  readonly requestId: string | null;
  readonly messageId: string | null;
  readonly assertionId: string | null;
  readonly outcome: string | null;
  readonly level: number | null;
  readonly claims: readonly string[];
}

export type EntryRow = RegisterTables['register_entries'];

/** The columns of a summary. */
export const SUMMARY = [
  'entity_id',
  'seq',
  'at',
  'transaction_id',
  'reference',
  'kind',
  'source',
  'client_id',
  'provider',
  'request_id',
  'message_id',
  'assertion_id',
  'outcome',
  'level',
  'claims',
] as const satisfies readonly (keyof EntryRow)[];

/** An entry as it is stored, without what is sealed in it. */
export type UnopenedEntry = Omit<EntryRow, 'content'>;

/** The columns of an entry that is not opened. */
export const UNOPENED = [
  ...SUMMARY,
  'month',
  'person_hash',
  'digest',
  'hash',
] as const satisfies readonly (keyof UnopenedEntry)[];

export function summaryOf(row: Pick<EntryRow, (typeof SUMMARY)[number]>): EntrySummary {
  return {
    entityId: row.entity_id,
    seq: row.seq,
    at: new Date(row.at),
    transactionId: row.transaction_id,
    reference: row.reference,
    kind: row.kind,
    source: row.source,
    clientId: row.client_id,
    provider: row.provider,
    requestId: row.request_id,
    messageId: row.message_id,
    assertionId: row.assertion_id,
    outcome: row.outcome,
    level: row.level,
    claims: row.claims === null ? [] : row.claims.split(' '),
  };
}
