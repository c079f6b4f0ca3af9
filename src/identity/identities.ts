import { createHash, randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import { prepared } from '../store/prepared.ts';
import type { Database } from '../store/schema.ts';
import { refersToNothing } from '../store/failure.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import type { AttributeName } from './attributes.ts';
import type { Attributes, Identity, IdentityKind, SourceKind, UpstreamSession } from './identity.ts';
import type { Level } from './level.ts';

/** A proved identity as it was recorded. */
export interface RecordedIdentity {
  readonly id: string;
  readonly personId: string;
  /** Short id of the entity in whose name it was proved. */
  readonly entityId: string;
  readonly source: SourceKind;
  readonly provider: string;
  readonly level: Level;
  readonly kind: IdentityKind;
  readonly attributes: Attributes;
  readonly asked: readonly AttributeName[];
  readonly session?: UpstreamSession;
  readonly test?: boolean;
  readonly authenticatedAt: Date;
  /** The register's transaction that proves it. */
  readonly transaction: string;
  readonly expiresAt: Date;
}

type Content = Pick<RecordedIdentity, 'attributes' | 'asked' | 'session' | 'test'>;

/** What stands on an identity at the OpenID Provider, by the hash of its name there. */
export interface StandingRef {
  readonly kind: 'session' | 'grant';
  readonly refHash: string;
  readonly entityId: string;
}

const byId = prepared((db, { id, now }: { id: string; now: number }) =>
  db.selectFrom('identities').selectAll().where('id', '=', id).where('expires_at', '>', now),
);

const byGrant = prepared((db, { grantHash, now }: { grantHash: string; now: number }) =>
  db
    .selectFrom('identities')
    .innerJoin('identity_links', 'identity_links.identity_id', 'identities.id')
    .selectAll('identities')
    .where('identity_links.kind', '=', 'grant')
    .where('ref_hash', '=', grantHash)
    .where('identities.expires_at', '>', now),
);

/** Proved identities, attributes encrypted, each as long as something may stand on it and no longer. */
export class Identities {
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor(store: Store, cipher: Cipher, clock: Clock) {
    this.#store = store;
    this.#cipher = cipher;
    this.#clock = clock;
  }

  /** @returns the id of the record */
  async record(
    transaction: Transaction,
    identity: Identity,
    to: { readonly personId: string; readonly entityId: string; readonly expiresAt: Date },
  ): Promise<string> {
    const id = randomUUID();
    const content: Content = {
      attributes: identity.attributes,
      asked: identity.asked,
      ...(identity.session ? { session: identity.session } : {}),
      ...(identity.test ? { test: true } : {}),
    };
    await transaction
      .insertInto('identities')
      .values({
        id,
        person_id: to.personId,
        entity_id: to.entityId,
        source: identity.source,
        provider: identity.provider,
        level: identity.level,
        kind: identity.kind,
        authenticated_at: identity.authenticatedAt.getTime(),
        transaction_id: identity.transaction,
        upstream_hash: identity.session ? upstreamHash(identity.provider, identity.session.nameId) : null,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(content)), context(id)),
        expires_at: to.expiresAt.getTime(),
      })
      .execute();
    return id;
  }

  async find(id: string, db: Queryable = this.#store.db): Promise<RecordedIdentity | undefined> {
    const [row] = await byId(db, { id, now: this.#clock.now().getTime() });
    return row && this.#recorded(row);
  }

  #recorded(row: Selectable<Database['identities']>): RecordedIdentity {
    return {
      id: row.id,
      personId: row.person_id,
      entityId: row.entity_id,
      source: row.source as SourceKind,
      provider: row.provider,
      level: row.level as Level,
      kind: row.kind as IdentityKind,
      authenticatedAt: new Date(row.authenticated_at),
      transaction: row.transaction_id,
      expiresAt: new Date(row.expires_at),
      ...this.#open(row.id, row.content),
    };
  }

  /**
   * From now on the grant stands on this identity, and the browser's session holds it too: of several entities at once,
   * and of several levels.
   * @returns false when it has been forgotten meanwhile
   */
  async link(
    to: { readonly grantId: string; readonly sessionUid: string },
    identity: RecordedIdentity,
  ): Promise<boolean> {
    try {
      await this.#linkGrant(to.grantId, identity);
      await this.#linkSession(to.sessionUid, identity);
      return true;
    } catch (error) {
      if (refersToNothing(error)) return false;
      throw error;
    }
  }

  async #linkGrant(grantId: string, identity: RecordedIdentity): Promise<void> {
    const row = { identity_id: identity.id, expires_at: identity.expiresAt.getTime() };
    await this.#store.db
      .insertInto('identity_links')
      .values({ kind: 'grant', ref_hash: refHash(grantId), ...row })
      .onConflict((conflict) => conflict.columns(['kind', 'ref_hash']).doUpdateSet(row))
      .execute();
  }

  async #linkSession(sessionUid: string, identity: RecordedIdentity): Promise<void> {
    await this.#store.db
      .insertInto('session_identities')
      .values({
        session_hash: refHash(sessionUid),
        identity_id: identity.id,
        expires_at: identity.expiresAt.getTime(),
      })
      .onConflict((conflict) => conflict.columns(['session_hash', 'identity_id']).doNothing())
      .execute();
  }

  /** The identities that a browser's session holds, newest authentication first. */
  async ofSession(sessionUid: string): Promise<RecordedIdentity[]> {
    const rows = await this.#store.db
      .selectFrom('identities')
      .innerJoin('session_identities', 'session_identities.identity_id', 'identities.id')
      .selectAll('identities')
      .where('session_hash', '=', refHash(sessionUid))
      .where('identities.expires_at', '>', this.#clock.now().getTime())
      .orderBy('authenticated_at', 'desc')
      .execute();
    return rows.map((row) => this.#recorded(row));
  }

  async ofGrant(grantId: string, db: Queryable = this.#store.db): Promise<RecordedIdentity | undefined> {
    const [row] = await byGrant(db, { grantHash: refHash(grantId), now: this.#clock.now().getTime() });
    return row && this.#recorded(row);
  }

  /**
   * The identities that stand on a session at a provider (single logout).
   * @param sessionIndex all sessions of that NameID when undefined
   */
  async ofUpstreamSession(
    transaction: Transaction,
    provider: string,
    nameId: string,
    sessionIndex: string | undefined,
  ): Promise<Pick<RecordedIdentity, 'id' | 'transaction'>[]> {
    const rows = await transaction
      .selectFrom('identities')
      .select(['id', 'content', 'transaction_id as transaction'])
      .where('upstream_hash', '=', upstreamHash(provider, nameId))
      .execute();
    return rows
      .filter(({ id, content }) => {
        const { session } = this.#open(id, content);
        return sessionIndex === undefined || session?.sessionIndex === sessionIndex;
      })
      .map(({ id, transaction: proof }) => ({ id, transaction: proof }));
  }

  /** The identities of a person that something may stand on. */
  async ofPerson(transaction: Transaction, personId: string): Promise<string[]> {
    const rows = await transaction
      .selectFrom('identities')
      .select('id')
      .where('person_id', '=', personId)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Forgets identities: @returns what stood on them */
  async forget(transaction: Transaction, ids: readonly string[]): Promise<StandingRef[]> {
    if (ids.length === 0) return [];
    const grants = await transaction
      .selectFrom('identity_links')
      .innerJoin('identities', 'identities.id', 'identity_links.identity_id')
      .select(['ref_hash as refHash', 'entity_id as entityId'])
      .where('identity_links.kind', '=', 'grant')
      .where('identity_id', 'in', ids)
      .execute();
    const sessions = await transaction
      .selectFrom('session_identities')
      .innerJoin('identities', 'identities.id', 'session_identities.identity_id')
      .select(['session_hash as refHash', 'entity_id as entityId'])
      .where('identity_id', 'in', ids)
      .execute();
    await transaction.deleteFrom('identities').where('id', 'in', ids).execute();
    return [
      ...grants.map((row): StandingRef => ({ kind: 'grant', ...row })),
      ...sessions.map((row): StandingRef => ({ kind: 'session', ...row })),
    ];
  }

  #open(id: string, content: Uint8Array): Content {
    return JSON.parse(this.#cipher.open(content, context(id)).toString('utf8')) as Content;
  }
}

/** What is known of a session at a provider by its name there; hashed, so that the table does not tell who was where. */
function upstreamHash(provider: string, nameId: string): string {
  return refHash(JSON.stringify([provider, nameId]));
}

function context(id: string): string {
  return `identities:${id}`;
}

function refHash(ref: string): string {
  return createHash('sha256').update(ref).digest('base64url');
}
