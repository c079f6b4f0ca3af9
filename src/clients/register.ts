import type { Clock } from '../operations/clock.ts';
import { prepared } from '../store/prepared.ts';
import type { Store } from '../store/store.ts';
import { CLIENT_ID } from './client-id.ts';
import type { Client } from './client.ts';
import { columnsOf } from './registered.ts';
import { ClientSecrets } from './secrets.ts';
import { TEST_STATES, type ClientState } from './state.ts';

/** A client as it is declared: with its secrets, before they are hashed. */
export interface DeclaredClient {
  readonly client: Client;
  readonly secrets: readonly string[];
}

/** Who keeps the clients of the gateway's own pages. */
const OWN = 'gateway';

/** States in which a client can be entered. */
const ENTERED: readonly ClientState[] = ['live', ...TEST_STATES];

const entered = prepared((db, { id }: { id: string }) =>
  db.selectFrom('clients').select(['metadata', 'state']).where('id', '=', id).where('state', 'in', ENTERED),
);

/** The services registered at the OpenID Provider. Read at every use, so that a change acts at once. */
export class ClientRegister {
  readonly secrets: ClientSecrets;
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.secrets = new ClientSecrets(store, clock);
  }

  /**
   * A client that can be entered: live, or in the test stage and then marked so. All others are unknown to citizens and
   * services, from one request to the next.
   */
  async find(id: string): Promise<Client | undefined> {
    if (!CLIENT_ID.test(id)) return undefined;
    const [row] = await entered(this.#store.db, { id });
    if (!row) return undefined;
    const client = JSON.parse(row.metadata) as Client;
    return row.state === 'live' ? client : { ...client, testing: true };
  }

  /** Where a client is in its life; undefined when there never was one of this id. */
  async state(id: string): Promise<ClientState | undefined> {
    if (!CLIENT_ID.test(id)) return undefined;
    const row = await this.#store.db
      .selectFrom('clients')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.state as ClientState | undefined;
  }

  /** The services that are live; the gateway's own pages are none. */
  async list(): Promise<Client[]> {
    const rows = await this.#store.db
      .selectFrom('clients')
      .select('metadata')
      .where('origin', '!=', OWN)
      .where('state', '=', 'live')
      .orderBy('id')
      .execute();
    return rows.map((row) => JSON.parse(row.metadata) as Client);
  }

  /** Makes the clients of the gateway's own pages be exactly those declared now. */
  async seed(declared: readonly DeclaredClient[]): Promise<void> {
    const now = this.#clock.now().getTime();
    await this.#store.transaction(async (transaction) => {
      for (const { client, secrets } of declared) {
        const row = { ...columnsOf(client), origin: OWN, updated_at: now };
        await transaction
          .insertInto('clients')
          .values({ id: client.id, created_at: now, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
        await this.secrets.replace(transaction, client.id, secrets);
      }
      const ids = declared.map(({ client }) => client.id);
      await transaction
        .deleteFrom('clients')
        .where('origin', '=', OWN)
        .$if(ids.length > 0, (query) => query.where('id', 'not in', ids))
        .execute();
    });
  }
}
