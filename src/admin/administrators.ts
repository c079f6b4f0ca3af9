import { randomUUID } from 'node:crypto';
import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { clientsDevelopedBy, type Developer } from '../clients/developers.ts';
import type { PersonKey } from '../identity/identity.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import { PortalSessions } from '../portal/sessions.ts';
import type { Store, Transaction } from '../store/store.ts';
import { CONSOLE } from './area.ts';
import { coversGrant, mayRevoke, type Grant, type Role, type Scope } from './roles.ts';

/** Who administers the gateway: found by a keyed hash of the codice fiscale, granted beforehand. */
export class Administrators {
  readonly #store: Store;
  readonly #keys: Pick<KeyRing, 'cipher' | 'personHash'>;
  readonly #trail: AuditTrail;
  readonly #clock: Clock;
  readonly #sessions: PortalSessions;

  constructor(store: Store, keys: Pick<KeyRing, 'cipher' | 'personHash'>, trail: AuditTrail, clock: Clock) {
    this.#store = store;
    this.#keys = keys;
    this.#trail = trail;
    this.#clock = clock;
    this.#sessions = new PortalSessions(CONSOLE, { store, cipher: keys.cipher, clock });
  }

  /** The roles of a person, read at every request: what is taken away is gone at once. */
  async grantsOf(person: PersonKey): Promise<Grant[]> {
    const hashes = this.#hashesOf(person);
    const rows = await this.#store.db
      .selectFrom('admin_grants')
      .selectAll()
      .where('person_hash', 'in', hashes)
      .execute();
    return Promise.all(rows.map((row) => this.#withOwn(this.#grantOf(row))));
  }

  /** Under every key, newest first. */
  #hashesOf(person: PersonKey): string[] {
    return this.#keys.personHash.candidates(hashInput(person)).map(({ hash }) => hash);
  }

  /** A developer deals with what is hers in the name of that body. */
  async #withOwn(grant: Grant): Promise<Grant> {
    if (grant.role !== 'service-developer' || grant.entityId === undefined) return grant;
    return { ...grant, clientIds: await clientsDevelopedBy(this.#store.db, grant.id, grant.entityId) };
  }

  /** Who may register services in the name of a body, by name. */
  async developersOf(entityId: string): Promise<Developer[]> {
    const rows = await this.#store.db
      .selectFrom('admin_grants')
      .selectAll()
      .where('role', '=', 'service-developer')
      .where('entity_id', '=', entityId)
      .execute();
    return rows
      .map((row) => this.#grantOf(row))
      .map(({ id, name }) => ({ id, name }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** The roles that somebody may know of, the oldest first. */
  async list(scope: Scope): Promise<Grant[]> {
    const rows = await this.#store.db.selectFrom('admin_grants').selectAll().orderBy('created_at').execute();
    return rows.map((row) => this.#grantOf(row)).filter((grant) => coversGrant(scope, grant));
  }

  /** @throws Refused `grant_exists` when the person has the role already */
  async grant(person: PersonKey, grant: Omit<Grant, 'id'>, by: By): Promise<void> {
    await this.#store.transaction((transaction) => this.add(transaction, person, grant, by));
  }

  /**
   * Takes a role away, and ends her sessions at the console. The last union administrator stays: nobody could let another in.
   * @param scope of whoever does it
   * @throws Refused `grant_unknown` (404), `union_only` (403), `last_administrator` (409)
   */
  async revoke(scope: Scope, id: string, by: By): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      // Taken first, so that of two that leave at once the second sees the first gone.
      const unionAdministrators = await transaction
        .updateTable('admin_grants')
        .set({ role: 'union-administrator' })
        .where('role', '=', 'union-administrator')
        .returning('id')
        .execute();
      const row = await transaction
        .deleteFrom('admin_grants')
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      const grant = row && this.#grantOf(row);
      if (!grant || !coversGrant(scope, grant))
        throw new Refused('grant_unknown', 'no such role', { status: 404 });
      if (!mayRevoke(scope, grant))
        throw new Refused('union_only', 'only an administrator of the union takes this role away', {
          status: 403,
        });
      if (grant.role === 'union-administrator' && unionAdministrators.length === 1)
        throw new Refused('last_administrator', 'the last union administrator cannot be removed', {
          status: 409,
        });
      await this.#sessions.endOf(transaction, (person) => this.#hashesOf(person).includes(row.person_hash));
      await this.#record(transaction, 'administrator.revoke', grant, by, 'before');
    });
  }

  /** The same within a transaction of the caller's. @throws Refused `grant_exists` */
  async add(transaction: Transaction, person: PersonKey, grant: Omit<Grant, 'id'>, by: By): Promise<void> {
    const hashes = this.#hashesOf(person);
    const same = await transaction
      .selectFrom('admin_grants')
      .select('id')
      .where('person_hash', 'in', hashes)
      .where('role', '=', grant.role)
      .where('entity_id', grant.entityId === undefined ? 'is' : '=', grant.entityId ?? null)
      .executeTakeFirst();
    if (same) throw held();
    const id = randomUUID();
    const added = await transaction
      .insertInto('admin_grants')
      .values({
        id,
        person_hash: this.#keys.personHash.hash(hashInput(person)),
        role: grant.role,
        entity_id: grant.entityId ?? null,
        content: this.#keys.cipher.seal(Buffer.from(JSON.stringify({ name: grant.name })), place(id)),
        created_at: this.#clock.now().getTime(),
      })
      // Of two that give it at once the second finds it given.
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows !== 1n) throw held();
    await this.#record(transaction, 'administrator.grant', { ...grant, id }, by, 'after');
  }

  async #record(
    transaction: Transaction,
    action: string,
    grant: Grant,
    by: By,
    when: 'before' | 'after',
  ): Promise<void> {
    const { id, role, entityId, name } = grant;
    await this.#trail.append(transaction, {
      at: this.#clock.now(),
      action,
      entityId,
      target: { kind: 'administrator', id },
      [when]: { role, entityId, name },
      ...by,
    });
  }

  #grantOf(row: { id: string; role: string; entity_id: string | null; content: Uint8Array }): Grant {
    const { name } = JSON.parse(this.#keys.cipher.open(row.content, place(row.id)).toString()) as {
      name: string;
    };
    return { id: row.id, role: row.role as Role, entityId: row.entity_id ?? undefined, name };
  }
}

function held(): Refused {
  return new Refused('grant_exists', 'this person has this role already', { status: 409 });
}

function place(id: string): string {
  return `admin_grants:${id}`;
}
