import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cipherOf } from '../../src/keys/cipher.ts';
import { LogoutNotices, type LogoutNotice, type Send } from '../../src/provider/logout-notices.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const MINUTE = 60_000;
const NOTICE: LogoutNotice = { clientId: 'suap', personId: 'person', sid: 'sid' };

describeStores('the queue of logouts to be told', (openUrl) => {
  let store: Store;
  let notices: LogoutNotices;
  let now = new Date('2026-03-05T12:00:00Z').getTime();
  const clock = { now: () => new Date(now) };
  const sent: LogoutNotice[] = [];
  const told: Send = async (notice) => {
    sent.push(notice);
    return undefined;
  };
  const down: Send = async () => 'unreachable';

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    notices = new LogoutNotices(store, cipherOf([{ id: 'k', key: new Uint8Array(32).fill(1) }]), clock);
  });
  beforeEach(async () => {
    sent.length = 0;
    await store.db.deleteFrom('logout_notices').execute();
  });
  afterAll(() => store.close());

  it('tells once, at once, and forgets', async () => {
    await notices.tell(store.db, NOTICE);
    expect(await notices.deliver(told)).toEqual([
      { clientId: 'suap', attempts: 1, failure: undefined, givenUp: false },
    ]);
    expect(sent).toEqual([NOTICE]);
    expect(await notices.deliver(told)).toEqual([]);
    expect(await notices.list()).toEqual([]);
  });

  it('tells nobody when the transaction that ends the session fails', async () => {
    const failing = store.transaction(async (transaction) => {
      await notices.tell(transaction, NOTICE);
      throw new Error('the session goes on');
    });
    await expect(failing).rejects.toThrow('the session goes on');
    expect(await notices.list()).toEqual([]);
  });

  it('is worked on by several processes without telling twice', async () => {
    for (let at = 0; at < 5; at++) await notices.tell(store.db, { ...NOTICE, sid: `sid-${at}` });
    await Promise.all(Array.from({ length: 10 }, () => notices.deliver(told)));
    expect(sent.map(({ sid }) => sid).sort()).toEqual(['sid-0', 'sid-1', 'sid-2', 'sid-3', 'sid-4']);
  });

  it('waits longer after each failure, gives up after a day, and begins anew when an operator says so', async () => {
    await notices.tell(store.db, NOTICE);
    const began = now;
    const attemptsAt: number[] = [];
    while (now - began < 3 * 24 * 60 * MINUTE) {
      if ((await notices.deliver(down)).length > 0) attemptsAt.push((now - began) / MINUTE);
      const [next] = await notices.list();
      if (!next?.nextAttemptAt) break;
      now = next.nextAttemptAt.getTime();
    }
    expect(attemptsAt.length).toBe(14);
    expect(attemptsAt.filter((minute) => minute < 2).length).toBeGreaterThanOrEqual(4);
    expect(attemptsAt.at(-1)).toBeGreaterThan(23 * 60);
    expect(await notices.list()).toMatchObject([
      { clientId: 'suap', attempts: 14, nextAttemptAt: undefined, failure: 'unreachable' },
    ]);
    expect(await notices.retry('another')).toBe(0);
    expect(await notices.retry('suap')).toBe(1);
    await notices.deliver(told);
    expect(sent).toEqual([NOTICE]);
  });

  it('keeps what was given up for a month', async () => {
    await notices.tell(store.db, NOTICE);
    now += 29 * 24 * 60 * MINUTE;
    await store.purge();
    expect(await notices.list()).toHaveLength(1);
    now += 2 * 24 * 60 * MINUTE;
    await store.purge();
    expect(await notices.list()).toEqual([]);
  });

  it('holds nothing in clear that tells who left', async () => {
    await notices.tell(store.db, { ...NOTICE, personId: 'a-person-of-mine', sid: 'a-session-of-hers' });
    const [row] = await store.db.selectFrom('logout_notices').selectAll().execute();
    expect(
      JSON.stringify({ ...row, content: Buffer.from(row?.content ?? []).toString('latin1') }),
    ).not.toMatch(/a-person-of-mine|a-session-of-hers/);
  });
});
