import { expect, it, onTestFinished } from 'vitest';
import { claim, find, insert, rememberAssertion } from '../../../src/sources/spid/pending.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { NOW, pendingRequest, PROVIDER, RELAY_STATE, REQUEST_ID } from '../../support/spid-response.ts';
import { describeStores, type OpenUrl } from '../../support/stores.ts';

const HOUR = 60 * 60 * 1000;

describeStores('Pending SPID requests (spid-response-validation, C2 and A1)', (openUrl) => {
  it('come back as they were put away', async () => {
    const { stores } = await open(openUrl);
    const pending = pendingRequest({ minimumLevel: 2, comparison: 'maximum', level: 3 });
    await stores[0].transaction((transaction) => insert(transaction, pending));
    expect(await find(stores[0].db, REQUEST_ID)).toEqual(pending);
    expect(await find(stores[0].db, '_another')).toBeUndefined();
  });

  it('keep of the RelayState only its hash', async () => {
    const { stores } = await open(openUrl);
    await stores[0].transaction((transaction) => insert(transaction, pendingRequest()));
    const rows = await stores[0].db.selectFrom('pending_requests').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(RELAY_STATE);
  });

  it('are claimed by exactly one of many answers at once', async () => {
    const { stores } = await open(openUrl);
    await stores[0].transaction((transaction) => insert(transaction, pendingRequest()));
    // SQLite's driver waits for a lock without letting the rest of the process go on: there one gateway has to do.
    const gateways = stores[0].dialect === 'sqlite' ? [stores[0]] : stores;
    const answers = ['a', 'b', 'c', 'd', 'e', 'f'];
    const won = await Promise.all(
      answers.map((answer, at) =>
        (gateways[at % gateways.length] ?? stores[0]).transaction((transaction) =>
          claim(transaction, REQUEST_ID, answer, NOW),
        ),
      ),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await find(stores[1].db, REQUEST_ID)).toMatchObject({
      consumedAt: NOW,
      answerHash: answers[won.indexOf(true)],
    });
  });

  it('stay unclaimed when the transaction that claimed them fails', async () => {
    const { stores } = await open(openUrl);
    await stores[0].transaction((transaction) => insert(transaction, pendingRequest()));
    const failing = stores[0].transaction(async (transaction) => {
      await claim(transaction, REQUEST_ID, 'a', NOW);
      throw new Error('the register cannot be written');
    });
    await expect(failing).rejects.toThrow('the register cannot be written');
    expect(await find(stores[0].db, REQUEST_ID)).toMatchObject({ consumedAt: null, answerHash: null });
  });

  it('are not claimed where there are none', async () => {
    const { stores } = await open(openUrl);
    expect(await stores[0].transaction((transaction) => claim(transaction, '_none', 'a', NOW))).toBe(false);
  });

  it('are remembered for a day after their end, so that a late answer is told from an unsolicited one', async () => {
    const { stores, set } = await open(openUrl);
    const pending = pendingRequest();
    await stores[0].transaction((transaction) => insert(transaction, pending));
    set(new Date(pending.expiresAt.getTime() + 24 * HOUR - 1));
    await stores[0].purge();
    expect(await find(stores[0].db, REQUEST_ID)).toBeDefined();
    set(new Date(pending.expiresAt.getTime() + 24 * HOUR));
    await stores[0].purge();
    expect(await find(stores[0].db, REQUEST_ID)).toBeUndefined();
  });

  it('let an assertion be used once, whichever gateway it comes to, and each provider name its own', async () => {
    const { stores, set } = await open(openUrl);
    const end = new Date(NOW.getTime() + HOUR);
    const remember = (store: Store, provider: string, id: string) =>
      store.transaction((transaction) => rememberAssertion(transaction, provider, id, end));
    expect(await remember(stores[0], PROVIDER, '_a1')).toBe(true);
    expect(await remember(stores[1], PROVIDER, '_a1')).toBe(false);
    expect(await remember(stores[1], PROVIDER, '_a2')).toBe(true);
    expect(await remember(stores[1], 'https://other.example.it', '_a1')).toBe(true);
    set(end);
    expect(await stores[0].purge()).toBe(3);
  });
});

/** Two gateways on one store, with a clock to set. */
async function open(openUrl: OpenUrl) {
  let now = NOW;
  const clock = { now: () => now };
  const url = await openUrl();
  const stores = [await openStore(url, clock), await openStore(url, clock)] as const;
  onTestFinished(async () => {
    await Promise.all(stores.map((store) => store.close()));
  });
  return {
    stores,
    set: (at: Date) => {
      now = at;
    },
  };
}
