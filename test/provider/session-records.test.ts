import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AdapterPayload } from 'oidc-provider';
import type { Client } from '../../src/clients/client.ts';
import { ClientRegister } from '../../src/clients/register.ts';
import { Identities, type RecordedIdentity } from '../../src/identity/identities.ts';
import { Persons } from '../../src/identity/persons.ts';
import { cipherOf } from '../../src/keys/cipher.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import { idHash } from '../../src/provider/adapter.ts';
import { Endings } from '../../src/provider/endings.ts';
import { LogoutNotices } from '../../src/provider/logout-notices.ts';
import { recordContext, SessionRecords } from '../../src/provider/session-records.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const clock = { now: () => new Date('2026-03-05T18:30:00.000Z') };
const PERSON = { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' } as const;

const service = (id: string, entity: string): Client => ({
  id,
  entity,
  name: { it: id, en: id },
  applicationType: 'web',
  redirectUris: [],
  postLogoutRedirectUris: [],
  authMethod: 'none',
  refreshTokens: false,
  idTokenAlgorithm: 'RS256',
  sector: 'https://client.example.it',
  minimumLevel: 1,
  attributes: [],
  homePage: 'https://client.example.it/',
});

describeStores('a session that several write at the same moment', (openUrl) => {
  let store: Store;
  let identities: Identities;
  let persons: Persons;
  let endings: Endings;
  let sessions: SessionRecords;
  const cipher = cipherOf([{ id: 'k', key: new Uint8Array(32).fill(1) }]);
  let count = 0;
  let uid = '';
  let name = '';
  let last: RecordedIdentity | undefined;

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    identities = new Identities(store, cipher, clock);
    persons = new Persons(keyedHashOf([{ id: 'k', key: new Uint8Array(32).fill(2) }]), clock);
    endings = new Endings(cipher, new LogoutNotices(store, cipher, clock));
    sessions = new SessionRecords(cipher);
    const clients = [
      ...Array.from({ length: 20 }, (_, at) => service(`union-${at}`, 'unione')),
      service('town', 'comune'),
    ];
    await new ClientRegister(store, clock).seed(clients.map((client) => ({ client, secrets: [] })));
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    uid = `uid-${++count}`;
    name = idHash(`session-${count}`);
    await store.db.deleteFrom('logout_notices').execute();
  });

  const entry = (id: string) => ({ [id]: { sid: `sid of ${id}`, grantId: `grant of ${id}` } });

  /** The session begins with these services. */
  async function begun(...clientIds: string[]): Promise<void> {
    const payload: AdapterPayload = {
      uid,
      accountId: 'person',
      authorizations: Object.assign({}, ...clientIds.map(entry)) as AdapterPayload['authorizations'],
    };
    await store.db
      .insertInto('oidc_records')
      .values({
        model: 'Session',
        id_hash: name,
        uid_hash: idHash(uid),
        grant_id: null,
        payload: sealed(payload),
        consumed_at: null,
        expires_at: clock.now().getTime() + 60_000,
      })
      .execute();
  }

  const sealed = (payload: AdapterPayload) =>
    cipher.seal(Buffer.from(JSON.stringify(payload)), recordContext('Session', name));

  /** What a request gets of the session. */
  async function read(): Promise<AdapterPayload | undefined> {
    const row = await store.db
      .selectFrom('oidc_records')
      .select('payload')
      .where('id_hash', '=', name)
      .executeTakeFirst();
    return row && sessions.read(name, row.payload);
  }

  /** What a request does that enters a service: it changes the very object that it has read. */
  async function enter(session: AdapterPayload, id: string): Promise<boolean> {
    Object.assign(session.authorizations ?? {}, entry(id));
    return sessions.write(store.db, name, session, (payload) => ({ payload: sealed(payload) }));
  }

  const services = async () => Object.keys((await read())?.authorizations ?? {}).sort();

  /** @returns how this identity, and what stands on it, is ended */
  async function holding(entityId: string): Promise<() => Promise<void>> {
    const id = await store.transaction(async (transaction) =>
      identities.record(
        transaction,
        {
          person: PERSON,
          level: 1,
          kind: 'citizen',
          attributes: {},
          asked: [],
          source: 'spid',
          provider: 'https://idp.example.it',
          authenticatedAt: clock.now(),
          transaction: 't',
        },
        {
          personId: await persons.findOrCreate(transaction, PERSON),
          entityId,
          expiresAt: new Date(clock.now().getTime() + 60_000),
        },
      ),
    );
    const identity = await identities.find(id);
    if (!identity) throw new Error('not recorded');
    await identities.link({ grantId: `grant-${uid}-${id}`, sessionUid: uid }, identity);
    last = identity;
    return () =>
      store.transaction(async (transaction) => {
        await endings.end(transaction, await identities.forget(transaction, [id]));
      });
  }

  const told = async () =>
    (await store.db.selectFrom('logout_notices').select('client_id').execute())
      .map(({ client_id }) => client_id)
      .sort();

  it('loses no service that a tab enters while those of another body end', async () => {
    await begun('union-0', 'town');
    await holding('unione');
    const end = await holding('comune');
    const tabs = Array.from({ length: 20 }, (_, at) => `union-${at}`);
    const entering = tabs.map(async (id) => {
      const session = await read();
      if (session) await enter(session, id);
    });
    await Promise.all([...entering.slice(0, 10), end(), ...entering.slice(10)]);
    expect(await services()).toEqual(tabs.sort());
    expect(await told()).toEqual(['town']);
  });

  it('does not get a service back that has ended since a request has read it', async () => {
    await begun('union-0', 'town');
    await holding('unione');
    const end = await holding('comune');
    const session = await read();
    await end();
    await enter(session ?? {}, 'union-1');
    expect(await services()).toEqual(['union-0', 'union-1']);
  });

  it('does not come back when it has ended since a request has read it', async () => {
    await begun('union-0');
    const end = await holding('unione');
    const session = await read();
    await end();
    // True: it is there, as one that has ended; nobody is to make a new one of it.
    expect(await enter(session ?? {}, 'union-1')).toBe(true);
    expect(await read()).toBeUndefined();
    expect(await told()).toEqual(['union-0']);
  });

  it('holds no identity that has been forgotten since a request has read it', async () => {
    await begun('union-0');
    const end = await holding('unione');
    await end();
    if (!last) throw new Error('none');
    expect(await identities.link({ grantId: 'g', sessionUid: uid }, last)).toBe(false);
    expect(await identities.ofSession(uid)).toEqual([]);
  });

  it('has the services of every body told when nothing is left of it', async () => {
    await begun('union-0', 'town');
    await holding('unione');
    await holding('comune');
    const ids = (await identities.ofSession(uid)).map(({ id }) => id);
    await store.transaction(async (transaction) => {
      await endings.end(transaction, await identities.forget(transaction, ids));
    });
    expect(await told()).toEqual(['town', 'union-0']);
    expect(await read()).toBeUndefined();
  });
});
