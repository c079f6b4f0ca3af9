import { Refused } from '../operations/errors.ts';
import type { Queryable } from '../store/store.ts';
import type { Client } from './client.ts';
import type { ClientState } from './state.ts';

/** A client as it is registered, live or not. */
export interface RegisteredClient {
  readonly client: Client;
  /** `configuration` ones are changed in the file. */
  readonly origin: string;
  readonly state: ClientState;
  readonly version: number;
}

export interface ClientVersion extends Omit<RegisteredClient, 'origin'> {
  readonly at: Date;
}

export interface ClientFilter {
  /** Those after this id. */
  readonly after?: string | undefined;
  /** Those whose id or name contains it. */
  readonly text?: string | undefined;
  /** Those of these bodies. */
  readonly entityIds?: readonly string[] | undefined;
  /** And besides those of the bodies these. */
  readonly clientIds?: readonly string[] | undefined;
  /** Those that wait for somebody: to go live, or for a change of theirs to take effect. */
  readonly awaiting?: boolean | undefined;
  readonly limit: number;
}

/** A client in whatever state, but none of the gateway's own. @throws Refused `client_unknown` (404) */
export async function registeredClient(db: Queryable, id: string): Promise<RegisteredClient> {
  const row = await db
    .selectFrom('clients')
    .selectAll()
    .where('id', '=', id)
    .where('origin', '!=', 'gateway')
    .executeTakeFirst();
  if (!row) throw new Refused('client_unknown', `no such client: ${id}`, { status: 404 });
  return registered(row);
}

/** What every writer of a client writes of it. */
export function columnsOf(client: Client) {
  const { id, name, entity } = client;
  return {
    entity_id: entity,
    metadata: JSON.stringify(client),
    search: [id, name.it, name.en].join('\n').toLowerCase(),
  };
}

/** A page of clients, by id. */
export async function registeredClients(db: Queryable, filter: ClientFilter): Promise<RegisteredClient[]> {
  const { after, text, entityIds, clientIds = [], awaiting = false, limit } = filter;
  // Blanks of LIKE are no letters that people look for.
  const pattern = `%${(text ?? '').toLowerCase().replace(/[\\%_]/g, '')}%`;
  const rows = await db
    .selectFrom('clients')
    .selectAll()
    .where('origin', '!=', 'gateway')
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .$if(entityIds !== undefined, (query) =>
      query.where((where) =>
        where.or([
          where('entity_id', 'in', [...(entityIds ?? []), '']),
          where('id', 'in', [...clientIds, '']),
        ]),
      ),
    )
    .$if(awaiting, (query) =>
      query.where((where) =>
        where.or([
          where('state', '=', 'waiting'),
          where('id', 'in', where.selectFrom('client_proposals').select('client_id')),
        ]),
      ),
    )
    .$if(Boolean(text), (query) => query.where('search', 'like', pattern))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(registered);
}

/** Its latest versions, newest first. */
export async function clientVersions(db: Queryable, id: string): Promise<ClientVersion[]> {
  const rows = await db
    .selectFrom('client_versions')
    .selectAll()
    .where('client_id', '=', id)
    .orderBy('version', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    client: JSON.parse(row.metadata) as Client,
    state: row.state as ClientState,
    version: row.version,
    at: new Date(row.at),
  }));
}

/** Whether citizens could ever enter it. */
export async function wasLive(db: Queryable, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('client_versions')
    .select('version')
    .where('client_id', '=', id)
    .where('state', '=', 'live')
    .executeTakeFirst();
  return row !== undefined;
}

/** Keyed hashes of the persons who wrote what has not been live yet; whoever only changed its state wrote nothing. */
export async function authorsSinceLive(db: Queryable, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('client_versions')
    .select(['state', 'metadata', 'author_hash'])
    .where('client_id', '=', id)
    .orderBy('version', 'desc')
    .execute();
  const lastLive = rows.findIndex(({ state }) => state === 'live');
  const since = lastLive < 0 ? rows : rows.slice(0, lastLive);
  return since.flatMap(({ metadata, author_hash }, at) =>
    author_hash !== null && metadata !== rows[at + 1]?.metadata ? [author_hash] : [],
  );
}

export function registered(row: {
  metadata: string;
  origin: string;
  state: string;
  version: number;
}): RegisteredClient {
  return {
    client: JSON.parse(row.metadata) as Client,
    origin: row.origin,
    state: row.state as ClientState,
    version: row.version,
  };
}
