import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Actor, By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { PersonKey } from '../identity/identity.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { AdminTables } from '../store/schema/admin.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Administrators } from './administrators.ts';
import { covers, type Role, type Scope } from './roles.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long an invitation is remembered after its end, in milliseconds. */
const REMEMBERED_MS = 30 * DAY_MS;

/** An invitation as it is listed and shown. */
export interface Invitation {
  readonly id: string;
  readonly role: Role;
  /** Empty for a role that is for the whole union. */
  readonly entityId: string;
  /** Who is invited, as whoever invited her calls her. */
  readonly guest: string;
  readonly invitedBy: string;
  readonly expiresAt: Date;
}

type Row = AdminTables['admin_invitations'];
type Content = Pick<Invitation, 'guest' | 'invitedBy'>;

export interface InvitationsOptions {
  readonly store: Store;
  readonly keys: Pick<KeyRing, 'cipher' | 'personHash'>;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly administrators: Administrators;
}

/** Codes and links by which somebody gets a role: once, for a while, and only who is meant where that was said. */
export class Invitations {
  readonly #options: InvitationsOptions;

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** @returns a code that makes whoever signs in with it administrator of the union, once, within a day */
  async firstAdministrator(by: By): Promise<string> {
    const role = 'union-administrator';
    return this.#options.store.transaction((transaction) =>
      this.#insert(transaction, { role, entityId: undefined, ms: DAY_MS, after: { role } }, by),
    );
  }

  /**
   * Invites somebody to register her services in the name of a body.
   * @param guest.person whom it is for; whoever has the link where that is undefined
   * @returns the code of the link, which nobody can read again
   */
  async developer(
    guest: { readonly name: string; readonly person: PersonKey | undefined },
    entityId: string,
    days: number,
    by: By,
  ): Promise<string> {
    const role = 'service-developer';
    const { actor } = by;
    const content = { guest: guest.name, invitedBy: actor.kind === 'client' ? actor.id : actor.name };
    const after = { role, entityId, guest: guest.name, days, named: guest.person !== undefined };
    const { person } = guest;
    return this.#options.store.transaction((transaction) =>
      this.#insert(transaction, { role, entityId, ms: days * DAY_MS, person, content, after }, by),
    );
  }

  /** Those that wait for their guest, of the bodies somebody administers; the one that ends first first. */
  async open({ entityIds }: Scope): Promise<Invitation[]> {
    const rows = await this.#options.store.db
      .selectFrom('admin_invitations')
      .selectAll()
      .where('id', 'is not', null)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', this.#now())
      .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']))
      .orderBy('expires_at')
      .limit(MOST)
      .execute();
    return rows.map((row) => this.#invitationOf(row));
  }

  /** Ends one before its time. @throws Refused `invitation_unknown` (404) */
  async withdraw(scope: Scope, id: string, by: By): Promise<void> {
    const { store } = this.#options;
    await store.transaction(async (transaction) => {
      const row = await transaction
        .updateTable('admin_invitations')
        .set({ expires_at: this.#now() })
        .where('id', '=', id)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', this.#now())
        .returningAll()
        .executeTakeFirst();
      if (!row?.entity_id || !covers(scope, row.entity_id))
        throw new Refused('invitation_unknown', 'no such invitation', { status: 404 });
      await this.#record(transaction, 'invitation.withdraw', row, {}, by);
    });
  }

  /**
   * An invitation that somebody may accept.
   * @throws Refused `invitation_unknown` (404), `invitation_used` (410), `invitation_expired` (410),
   * `invitation_foreign` (403)
   */
  async look(code: string, person: PersonKey): Promise<Invitation> {
    const row = await this.#options.store.db
      .selectFrom('admin_invitations')
      .selectAll()
      .where('code_hash', '=', codeHash(code))
      .executeTakeFirst();
    return this.#invitationOf(this.#acceptable(row, person));
  }

  /** Gives the role that an invitation is for. @throws those of look, and Refused `grant_exists` */
  async accept(code: string, actor: Actor & { kind: 'person' }, by: Omit<By, 'actor'>): Promise<void> {
    const { store, administrators } = this.#options;
    await store.transaction(async (transaction) => {
      const row = await transaction
        .selectFrom('admin_invitations')
        .selectAll()
        .where('code_hash', '=', codeHash(code))
        .executeTakeFirst();
      const invitation = this.#acceptable(row, actor.person);
      // Of two that accept at once the second finds it used; what was withdrawn meanwhile gives nothing either.
      const used = await transaction
        .updateTable('admin_invitations')
        .set({ consumed_at: this.#now() })
        .where('code_hash', '=', invitation.code_hash)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', this.#now())
        .executeTakeFirst();
      if (used.numUpdatedRows !== 1n) throw usedUp();
      // Not every identity says its name; whoever invited her called her something.
      const name = actor.name || this.#invitationOf(invitation).guest;
      const grant = { role: invitation.role as Role, entityId: invitation.entity_id ?? undefined, name };
      await administrators.add(transaction, actor.person, grant, { ...by, actor });
    });
  }

  async #insert(
    transaction: Transaction,
    data: {
      readonly role: Role;
      readonly entityId: string | undefined;
      readonly ms: number;
      readonly person?: PersonKey | undefined;
      readonly content?: Content;
      readonly after: object;
    },
    by: By,
  ): Promise<string> {
    const { cipher, personHash } = this.#options.keys;
    const code = randomBytes(20).toString('base64url');
    const id = randomUUID();
    const row: Row = {
      code_hash: codeHash(code),
      role: data.role,
      entity_id: data.entityId ?? null,
      consumed_at: null,
      expires_at: this.#now() + data.ms,
      purge_at: this.#now() + data.ms + REMEMBERED_MS,
      id: data.content ? id : null,
      person_hash: data.person ? personHash.hash(hashInput(data.person)) : null,
      content: data.content ? cipher.seal(Buffer.from(JSON.stringify(data.content)), place(id)) : null,
    };
    await transaction.insertInto('admin_invitations').values(row).execute();
    await this.#record(transaction, 'administrator.invite', row, { after: data.after }, by);
    return code;
  }

  #acceptable(row: Row | undefined, person: PersonKey): Row {
    if (!row) throw new Refused('invitation_unknown', 'no such invitation', { status: 404 });
    if (row.consumed_at !== null) throw usedUp();
    if (row.expires_at <= this.#now())
      throw new Refused('invitation_expired', 'the invitation has ended', { status: 410 });
    const hashes = this.#options.keys.personHash.candidates(hashInput(person)).map(({ hash }) => hash);
    if (row.person_hash !== null && !hashes.includes(row.person_hash))
      throw new Refused('invitation_foreign', 'the invitation is for somebody else', { status: 403 });
    return row;
  }

  #invitationOf(row: Row): Invitation {
    const content =
      row.content && row.id
        ? (JSON.parse(this.#options.keys.cipher.open(row.content, place(row.id)).toString()) as Content)
        : { guest: '', invitedBy: '' };
    return {
      id: row.id ?? '',
      role: row.role as Role,
      entityId: row.entity_id ?? '',
      ...content,
      expiresAt: new Date(row.expires_at),
    };
  }

  async #record(transaction: Transaction, action: string, row: Row, change: { after?: object }, by: By) {
    await this.#options.trail.append(transaction, {
      at: this.#options.clock.now(),
      action,
      entityId: row.entity_id ?? undefined,
      ...change,
      ...(row.id === null ? {} : { target: { kind: 'invitation', id: row.id } }),
      ...by,
    });
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}

/** More open invitations than anybody reads. */
const MOST = 200;

function usedUp(): Refused {
  return new Refused('invitation_used', 'the invitation was used, or withdrawn, before', { status: 410 });
}

function place(id: string): string {
  return `admin_invitations:${id}`;
}

function codeHash(code: string): string {
  return createHash('sha256').update(code.trim()).digest('base64url');
}
