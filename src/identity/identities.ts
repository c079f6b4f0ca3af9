import { createHash, randomUUID } from 'node:crypto';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store, Transaction } from '../store/store.ts';
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
  readonly authenticatedAt: Date;
  readonly expiresAt: Date;
}

type Content = Pick<RecordedIdentity, 'attributes' | 'asked' | 'session'>;

/** What a session or a grant of the OpenID Provider stands on. */
export type LinkKind = 'session' | 'grant';

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

  async find(id: string): Promise<RecordedIdentity | undefined> {
    const row = await this.#store.db
      .selectFrom('identities')
      .selectAll()
      .where('id', '=', id)
      .where('expires_at', '>', this.#clock.now().getTime())
      .executeTakeFirst();
    if (!row) return undefined;
    const content = this.#open(id, row.content);
    return {
      id,
      personId: row.person_id,
      entityId: row.entity_id,
      source: row.source as SourceKind,
      provider: row.provider,
      level: row.level as Level,
      kind: row.kind as IdentityKind,
      authenticatedAt: new Date(row.authenticated_at),
      expiresAt: new Date(row.expires_at),
      ...content,
    };
  }

  /** From now on the session or grant stands on this identity. */
  async link(kind: LinkKind, ref: string, identity: RecordedIdentity): Promise<void> {
    const row = { identity_id: identity.id, expires_at: identity.expiresAt.getTime() };
    await this.#store.db
      .insertInto('identity_links')
      .values({ kind, ref_hash: refHash(ref), ...row })
      .onConflict((conflict) => conflict.columns(['kind', 'ref_hash']).doUpdateSet(row))
      .execute();
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
  ): Promise<string[]> {
    const rows = await transaction
      .selectFrom('identities')
      .select(['id', 'content'])
      .where('upstream_hash', '=', upstreamHash(provider, nameId))
      .execute();
    return rows
      .filter(({ id, content }) => {
        const { session } = this.#open(id, content);
        return sessionIndex === undefined || session?.sessionIndex === sessionIndex;
      })
      .map(({ id }) => id);
  }

  /** Forgets identities, and with them what stands on them: @returns the hashed references of sessions and grants */
  async forget(
    transaction: Transaction,
    ids: readonly string[],
  ): Promise<{ kind: LinkKind; refHash: string }[]> {
    if (ids.length === 0) return [];
    const links = await transaction
      .selectFrom('identity_links')
      .select(['kind', 'ref_hash'])
      .where('identity_id', 'in', ids)
      .execute();
    await transaction.deleteFrom('identities').where('id', 'in', ids).execute();
    return links.map(({ kind, ref_hash: refHash }) => ({ kind, refHash }));
  }

  #open(id: string, content: Uint8Array): Content {
    return JSON.parse(this.#cipher.open(content, context(id)).toString('utf8')) as Content;
  }

  async linked(kind: LinkKind, ref: string): Promise<RecordedIdentity | undefined> {
    const row = await this.#store.db
      .selectFrom('identity_links')
      .select('identity_id')
      .where('kind', '=', kind)
      .where('ref_hash', '=', refHash(ref))
      .executeTakeFirst();
    return row && this.find(row.identity_id);
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
