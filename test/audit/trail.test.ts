import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/audit/entry.ts';
import { AuditTrail, type AuditFault } from '../../src/audit/trail.ts';
import { cipherOf } from '../../src/keys/cipher.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const AT = new Date('2026-11-24T08:00:00Z');
const ANNA = {
  kind: 'person',
  person: { kind: 'it-fiscal', value: 'RSSNNA80A41H501X' },
  name: 'Anna Rossi',
} as const;

function suspended(id: string): AuditEvent {
  return {
    at: AT,
    actor: ANNA,
    via: 'console',
    action: 'client.suspend',
    entityId: 'unione',
    target: { kind: 'client', id },
    address: '192.0.2.7',
    before: { state: 'live' },
    after: { state: 'suspended' },
  };
}

describeStores('the audit trail', (openUrl) => {
  const stores: Store[] = [];
  /** Written once: each change of the table below is undone. */
  let three: ReturnType<typeof written> | undefined;
  afterAll(() => Promise.all(stores.splice(0).map((store) => store.close())));

  async function open(url?: string) {
    const store = await openStore(url ?? (await openUrl()), systemClock);
    stores.push(store);
    return store;
  }

  function trailWith(macKey = 'mac') {
    return new AuditTrail({
      cipher: cipherOf([{ id: 'k', key: Buffer.alloc(32, 1) }]),
      personHash: keyedHashOf([{ id: 'p', key: Buffer.alloc(32, 2) }]),
      derived: () => [macKey, 'older'],
    });
  }

  async function written(count: number) {
    const [store, trail] = [await open(), trailWith()];
    for (let at = 1; at <= count; at++)
      await store.transaction((transaction) => trail.append(transaction, suspended(`service-${at}`)));
    return { store, trail };
  }

  it('tells who did what, when, from where, and what changed', async () => {
    const { store, trail } = await written(2);
    const [newest] = await trail.list(store.db, { limit: 1 });
    expect(newest).toMatchObject({
      seq: 2,
      at: AT,
      via: 'console',
      actor: 'Anna Rossi',
      action: 'client.suspend',
      outcome: 'done',
      target: { kind: 'client', id: 'service-2' },
      entityId: 'unione',
      address: '192.0.2.7',
      before: { state: 'live' },
      after: { state: 'suspended' },
    });
    expect(await trail.list(store.db, { limit: 9, entityIds: ['bientina'] })).toEqual([]);
    const target = { kind: 'client', id: 'service-1' };
    expect(await trail.list(store.db, { limit: 9, target })).toHaveLength(1);
    expect((await trail.list(store.db, { limit: 9, before: 2 })).map(({ seq }) => seq)).toEqual([1]);
  });

  it('keeps names and codici fiscali out of what the database can read', async () => {
    const { store } = await written(1);
    const rows = await store.db.selectFrom('audit_entries').selectAll().execute();
    const text = JSON.stringify(
      rows.map((r) => ({ ...r, content: Buffer.from(r.content).toString('latin1') })),
    );
    for (const hidden of ['RSSNNA80A41H501X', 'Anna Rossi', '192.0.2.7']) expect(text).not.toContain(hidden);
  });

  it('does not fork when many write at once, from several processes', async () => {
    const url = await openUrl();
    const one = await open(url);
    // SQLite is for one process (gateway.example.yaml).
    const two = one.dialect === 'sqlite' ? one : await open(url);
    const trail = trailWith();
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        (at % 2 ? one : two).transaction((transaction) => trail.append(transaction, suspended(`s-${at}`))),
      ),
    );
    expect(await trail.verify(one.db)).toEqual({ entries: 20, faults: [] });
  });

  it('forgets nothing of a transaction that is undone: the entry goes with what it tells of', async () => {
    const { store, trail } = await written(1);
    const undone = store.transaction(async (transaction) => {
      await trail.append(transaction, suspended('undone'));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await trail.verify(store.db)).toEqual({ entries: 1, faults: [] });
  });

  const other = randomBytes(40);
  it.each([
    ['an entry is removed', sql`delete from audit_entries where seq = 2`, [2, 'missing'], 1],
    ['the last entry is removed', sql`delete from audit_entries where seq = 3`, [3, 'cut-short'], 1],
    [
      'who did it is changed',
      sql`update audit_entries set actor_hash = 'x' where seq = 2`,
      [2, 'altered'],
      1,
    ],
    ['what was done is changed', sql`update audit_entries set action = 'x' where seq = 2`, [2, 'altered'], 1],
    ['the time is changed', sql`update audit_entries set at = at + 1 where seq = 1`, [1, 'altered'], 1],
    ['the target is changed', sql`update audit_entries set target_id = 'x' where seq = 2`, [2, 'altered'], 1],
    ['the body is changed', sql`update audit_entries set entity_id = 'x' where seq = 2`, [2, 'altered'], 1],
    [
      'the content is replaced',
      sql`update audit_entries set content = ${other} where seq = 2`,
      [2, 'content-altered'],
      1,
    ],
    ['the hash is made anew', sql`update audit_entries set hash = 'x' where seq = 3`, [3, 'altered'], 3],
    ['the head is moved', sql`update audit_head set seq = 2`, [2, 'head-altered'], 1],
    ['the head is removed', sql`delete from audit_head`, [3, 'head-missing'], 1],
  ] as const)('shows that %s', async (_what, tamper, [seq, fault], count) => {
    const { store, trail } = await (three ??= written(3));
    const verified = store.transaction(async (transaction) => {
      await tamper.execute(transaction);
      const { faults } = await trail.verify(transaction);
      throw Object.assign(new Error('undone'), { faults });
    });
    const { faults } = await verified.catch((error: unknown) => error as { faults: AuditFault[] });
    expect(faults).toContainEqual({ seq, fault });
    expect(faults).toHaveLength(count);
  });

  it('is not continued behind a head that is not its own', async () => {
    const { store, trail } = await written(1);
    await sql`update audit_head set hash = 'x'`.execute(store.db);
    const append = store.transaction((transaction) => trail.append(transaction, suspended('late')));
    await expect(append).rejects.toMatchObject({ code: 'audit_head_altered' });
  });

  it('goes on after the key of its head was rotated', async () => {
    const { store } = await written(1);
    const rotated = new AuditTrail({
      cipher: cipherOf([{ id: 'k', key: Buffer.alloc(32, 1) }]),
      personHash: keyedHashOf([{ id: 'p', key: Buffer.alloc(32, 2) }]),
      derived: () => ['newer', 'mac'],
    });
    await store.transaction((transaction) => rotated.append(transaction, suspended('after')));
    expect(await rotated.verify(store.db)).toEqual({ entries: 2, faults: [] });
  });
});
