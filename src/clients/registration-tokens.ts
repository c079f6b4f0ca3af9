import { createHash, randomBytes } from 'node:crypto';
import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { AdminTables } from '../store/schema/admin.ts';
import type { Store, Transaction } from '../store/store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a token is remembered after its end, in milliseconds. */
const REMEMBERED_MS = 30 * DAY_MS;

export const MOST_DAYS = 365;
export const MOST_USES = 1000;
export const MOST_HOSTS = 20;

/** What a token allows. */
export interface RegistrationPolicy {
  readonly entityId: string;
  /** Every address of a service registered with it is on one of these. */
  readonly hosts: readonly string[];
}

/** A token as it is listed: never its text. */
export interface RegistrationToken extends RegistrationPolicy {
  readonly id: string;
  readonly uses: number;
  readonly usesLeft: number;
  readonly expiresAt: Date;
  readonly revoked: boolean;
}

interface RegistrationTokensOptions {
  readonly store: Store;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly entities: { get(id: string): object | undefined };
  /** Whether the configuration lets programs register services at all. */
  readonly offered: boolean;
}

/** Initial access tokens (RFC 7591, 3): who has one registers so many services of a body, for a while. */
export class RegistrationTokens {
  readonly #options: RegistrationTokensOptions;

  constructor(options: RegistrationTokensOptions) {
    this.#options = options;
  }

  /** Whether a token made now would be of use to anybody. */
  get offered(): boolean {
    return this.#options.offered;
  }

  /**
   * @returns the token, and the text that nobody can read again
   * @throws Refused `registration_off` (409), `entity_unknown` (404), `registration_policy` (422)
   */
  async issue(
    { entityId, hosts, days, uses }: RegistrationPolicy & { readonly days: number; readonly uses: number },
    by: By,
  ): Promise<RegistrationToken & { readonly token: string }> {
    const { store, entities, offered } = this.#options;
    if (!offered)
      throw new Refused(
        'registration_off',
        'dynamicRegistration: found false; allowed: true, and a restart of the gateway: nobody could use the token',
        { status: 409 },
      );
    if (!entities.get(entityId)) throw new Refused('entity_unknown', 'no such body', { status: 404 });
    if (hosts.length === 0 || hosts.length > MOST_HOSTS || !hosts.every(isHost))
      throw policyFault(
        'hosts: found',
        hosts.join(', '),
        `1 to ${MOST_HOSTS} host names, such as servizi.example.it`,
      );
    if (!isWithin(days, MOST_DAYS)) throw policyFault('days: found', days, `1 to ${MOST_DAYS}`);
    if (!isWithin(uses, MOST_USES)) throw policyFault('uses: found', uses, `1 to ${MOST_USES}`);
    const id = `r-${randomBytes(6).toString('hex')}`;
    const token = randomBytes(32).toString('base64url');
    const now = this.#now();
    const ends = now + days * DAY_MS;
    const row: Row = {
      id,
      token_hash: tokenHash(token),
      entity_id: entityId,
      hosts: JSON.stringify(hosts),
      uses,
      uses_left: uses,
      created_at: now,
      expires_at: ends,
      revoked_at: null,
      purge_at: ends + REMEMBERED_MS,
    };
    await store.transaction(async (transaction) => {
      await transaction.insertInto('registration_tokens').values(row).execute();
      await this.#record(transaction, 'issue', row, by, { after: { entityId, hosts, days, uses } });
    });
    return { ...tokenOf(row), token };
  }

  /** Those that are remembered, newest first. @param entityIds of these bodies; of all when left out */
  async list(entityIds?: readonly string[]): Promise<RegistrationToken[]> {
    const rows = await this.#options.store.db
      .selectFrom('registration_tokens')
      .selectAll()
      .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']))
      .orderBy('created_at', 'desc')
      .execute();
    return rows.map(tokenOf);
  }

  /**
   * What was registered with it stays.
   * @param entityIds only one of these bodies; of any when left out
   * @throws Refused `registration_token_unknown` (404)
   */
  async revoke(id: string, by: By, entityIds?: readonly string[]): Promise<void> {
    await this.#options.store.transaction(async (transaction) => {
      const row = await transaction
        .updateTable('registration_tokens')
        .set({ revoked_at: this.#now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']))
        .returningAll()
        .executeTakeFirst();
      if (!row)
        throw new Refused('registration_token_unknown', 'no such token, or it was revoked before', {
          status: 404,
        });
      await this.#record(transaction, 'revoke', row, by);
    });
  }

  /** A token by its text, good or not. */
  async find(text: string): Promise<RegistrationToken | undefined> {
    const row = await this.#options.store.db
      .selectFrom('registration_tokens')
      .selectAll()
      .where('token_hash', '=', tokenHash(text))
      .executeTakeFirst();
    return row && tokenOf(row);
  }

  /** @throws Refused `registration_token_revoked`, `registration_token_expired`, `registration_token_used` (401) */
  refuseUnlessGood({ revoked, expiresAt, usesLeft }: RegistrationToken): void {
    if (revoked) throw ended('registration_token_revoked');
    if (expiresAt.getTime() <= this.#now()) throw ended('registration_token_expired');
    if (usesLeft < 1) throw ended('registration_token_used');
  }

  /**
   * Takes one use, in the transaction of what it is used for: of two that come at once for the last, one fails.
   * @throws Refused `registration_token_used` (401)
   */
  async use(transaction: Transaction, { id }: RegistrationToken, clientId: string, by: By): Promise<void> {
    const row = await transaction
      .updateTable('registration_tokens')
      .set((where) => ({ uses_left: where('uses_left', '-', 1) }))
      .where('id', '=', id)
      .where('uses_left', '>', 0)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', this.#now())
      .returningAll()
      .executeTakeFirst();
    if (!row) throw ended('registration_token_used');
    await this.#record(transaction, 'use', row, by, { after: { clientId, usesLeft: row.uses_left } });
  }

  /** @param code why nothing was registered */
  async refused({ id, entityId }: RegistrationToken, code: string, by: By): Promise<void> {
    await this.#options.store.transaction((transaction) =>
      this.#record(transaction, 'use', { id, entity_id: entityId }, by, {
        outcome: 'refused',
        after: { code },
      }),
    );
  }

  async #record(
    transaction: Transaction,
    verb: 'issue' | 'use' | 'revoke',
    { id, entity_id }: Pick<Row, 'id' | 'entity_id'>,
    by: By,
    what: { readonly outcome?: 'refused'; readonly after?: object } = {},
  ): Promise<void> {
    await this.#options.trail.append(transaction, {
      at: this.#options.clock.now(),
      action: `registration-token.${verb}`,
      entityId: entity_id,
      target: { kind: 'registration-token', id },
      ...what,
      ...by,
    });
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}

type Row = AdminTables['registration_tokens'];

function tokenOf(row: Row): RegistrationToken {
  return {
    id: row.id,
    entityId: row.entity_id,
    hosts: JSON.parse(row.hosts) as string[],
    uses: row.uses,
    usesLeft: row.uses_left,
    expiresAt: new Date(row.expires_at),
    revoked: row.revoked_at !== null,
  };
}

/** A host name as it stands in URLs: nothing before it, nothing after it, and of one host only. */
export function isHost(host: string): boolean {
  if (host.includes('*')) return false;
  return URL.canParse(`https://${host}/`) && new URL(`https://${host}/`).hostname === host;
}

export function isWithin(number: number, most: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= most;
}

function policyFault(what: string, found: string | number, allowed: string): Refused {
  return new Refused('registration_policy', `${what} "${found}"; allowed: ${allowed}`, { status: 422 });
}

function ended(code: string): Refused {
  return new Refused(code, 'the token is good for nothing any more', { status: 401 });
}

function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
