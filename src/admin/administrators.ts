import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Actor, By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { PersonKey } from '../identity/identity.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Grant, Role } from './roles.ts';

/** A code has to be used within a day, in milliseconds. */
const INVITATION_MS = 24 * 60 * 60 * 1000;

/** Who administers the gateway: found by a keyed hash of the codice fiscale, granted beforehand. */
export class Administrators {
  readonly #store: Store;
  readonly #keys: Pick<KeyRing, 'cipher' | 'personHash'>;
  readonly #trail: AuditTrail;
  readonly #clock: Clock;

  constructor(store: Store, keys: Pick<KeyRing, 'cipher' | 'personHash'>, trail: AuditTrail, clock: Clock) {
    this.#store = store;
    this.#keys = keys;
    this.#trail = trail;
    this.#clock = clock;
  }

  /** The roles of a person, read at every request: what is taken away is gone at once. */
  async grantsOf(person: PersonKey): Promise<Grant[]> {
    const hashes = this.#keys.personHash.candidates(hashInput(person)).map(({ hash }) => hash);
    const rows = await this.#store.db
      .selectFrom('admin_grants')
      .selectAll()
      .where('person_hash', 'in', hashes)
      .execute();
    return rows.map((row) => this.#grantOf(row));
  }

  async list(): Promise<Grant[]> {
    const rows = await this.#store.db.selectFrom('admin_grants').selectAll().orderBy('created_at').execute();
    return rows.map((row) => this.#grantOf(row));
  }

  /** @throws Refused `grant_exists` when the person has the role already */
  async grant(person: PersonKey, grant: Omit<Grant, 'id'>, by: By): Promise<void> {
    await this.#store.transaction((transaction) => this.#insert(transaction, person, grant, by));
  }

  /**
   * Takes a role away. The last union administrator stays: nobody could let another in.
   * @throws Refused `grant_unknown` (404), `last_administrator`
   */
  async revoke(id: string, by: By): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      // Taken first, so that of two that leave at once the second sees the first gone.
      const rows = await transaction
        .updateTable('admin_grants')
        .set({ role: 'union-administrator' })
        .where('role', '=', 'union-administrator')
        .returning('id')
        .execute();
      if (rows.length === 1 && rows[0]?.id === id)
        throw new Refused('last_administrator', 'the last union administrator cannot be removed', {
          status: 409,
        });
      const row = await transaction
        .deleteFrom('admin_grants')
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (!row) throw new Refused('grant_unknown', 'no such role', { status: 404 });
      await this.#record(transaction, 'administrator.revoke', this.#grantOf(row), by, 'before');
    });
  }

  /** @returns a code that makes whoever signs in with it an administrator, once, within a day */
  async invite(role: Role, entityId: string | undefined, by: By): Promise<string> {
    const code = randomBytes(20).toString('base64url');
    const now = this.#clock.now();
    await this.#store.transaction(async (transaction) => {
      await transaction
        .insertInto('admin_invitations')
        .values({
          ...{ code_hash: codeHash(code), role, entity_id: entityId ?? null, consumed_at: null },
          expires_at: now.getTime() + INVITATION_MS,
        })
        .execute();
      const after = { role, entityId };
      await this.#trail.append(transaction, {
        ...{ at: now, action: 'administrator.invite', entityId, after },
        ...by,
      });
    });
    return code;
  }

  /** @throws Refused `invitation_unknown` when the code is wrong, used or too old */
  async accept(code: string, actor: Actor & { kind: 'person' }, by: Omit<By, 'actor'>): Promise<void> {
    const now = this.#clock.now().getTime();
    await this.#store.transaction(async (transaction) => {
      const invitation = await transaction
        .updateTable('admin_invitations')
        .set({ consumed_at: now })
        .where('code_hash', '=', codeHash(code.trim()))
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      if (!invitation) throw new Refused('invitation_unknown', 'the code is wrong, used or too old');
      const grant = {
        role: invitation.role as Role,
        entityId: invitation.entity_id ?? undefined,
        name: actor.name,
      };
      await this.#insert(transaction, actor.person, grant, { ...by, actor });
    });
  }

  async #insert(
    transaction: Transaction,
    person: PersonKey,
    grant: Omit<Grant, 'id'>,
    by: By,
  ): Promise<void> {
    const { hash } = this.#keys.personHash.candidates(hashInput(person))[0] ?? {};
    if (hash === undefined) throw new Error('no key to hash persons with');
    const hashes = this.#keys.personHash.candidates(hashInput(person)).map((candidate) => candidate.hash);
    const same = await transaction
      .selectFrom('admin_grants')
      .select('id')
      .where('person_hash', 'in', hashes)
      .where('role', '=', grant.role)
      .where('entity_id', grant.entityId === undefined ? 'is' : '=', grant.entityId ?? null)
      .executeTakeFirst();
    if (same) throw new Refused('grant_exists', 'this person has this role already', { status: 409 });
    const id = randomUUID();
    await transaction
      .insertInto('admin_grants')
      .values({
        ...{ id, person_hash: hash, role: grant.role, entity_id: grant.entityId ?? null },
        content: this.#keys.cipher.seal(Buffer.from(JSON.stringify({ name: grant.name })), place(id)),
        created_at: this.#clock.now().getTime(),
      })
      .execute();
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
      ...{ at: this.#clock.now(), action, entityId, target: { kind: 'administrator', id } },
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

function place(id: string): string {
  return `admin_grants:${id}`;
}

function codeHash(code: string): string {
  return createHash('sha256').update(code).digest('base64url');
}
