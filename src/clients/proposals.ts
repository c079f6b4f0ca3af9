import { randomUUID } from 'node:crypto';
import type { Cipher } from '../keys/cipher.ts';
import type { AdminTables } from '../store/schema/admin.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import type { Client } from './client.ts';

/** A change of a live client that waits for a second person. What is live goes on unchanged until then. */
export interface Proposal {
  readonly id: string;
  /** The version it was made against: it can take effect only while that is the one in force. */
  readonly base: number;
  readonly client: Client;
  /** Name of the person or program that made it. */
  readonly author: string;
  /** Keyed hash of the person; undefined where it was a program. */
  readonly authorHash: string | undefined;
  readonly at: Date;
}

type Row = AdminTables['client_proposals'];

/** Proposals as they are kept: one for each client, a newer one in the place of the one before. */
export class Proposals {
  readonly #cipher: Cipher;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  async of(db: Queryable, clientId: string): Promise<Proposal | undefined> {
    const row = await db
      .selectFrom('client_proposals')
      .selectAll()
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    return row && this.#proposalOf(row);
  }

  /** @returns its id */
  async put(transaction: Transaction, proposal: Omit<Proposal, 'id'>): Promise<string> {
    const { client, base, author, authorHash, at } = proposal;
    const id = randomUUID();
    const row: Row = {
      client_id: client.id,
      id,
      base_version: base,
      metadata: JSON.stringify(client),
      author_hash: authorHash ?? null,
      content: this.#cipher.seal(Buffer.from(author), place(id)),
      at: at.getTime(),
    };
    await transaction
      .insertInto('client_proposals')
      .values(row)
      .onConflict((conflict) => conflict.column('client_id').doUpdateSet(row))
      .execute();
    return id;
  }

  /** Takes exactly this one away. @returns false when it is gone, or another has come in its place */
  async take(transaction: Transaction, clientId: string, id: string): Promise<boolean> {
    const taken = await transaction
      .deleteFrom('client_proposals')
      .where('client_id', '=', clientId)
      .where('id', '=', id)
      .executeTakeFirst();
    return taken.numDeletedRows === 1n;
  }

  #proposalOf(row: Row): Proposal {
    return {
      id: row.id,
      base: row.base_version,
      client: JSON.parse(row.metadata) as Client,
      author: this.#cipher.open(row.content, place(row.id)).toString(),
      authorHash: row.author_hash ?? undefined,
      at: new Date(row.at),
    };
  }
}

function place(id: string): string {
  return `client_proposals:${id}`;
}
