import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { measureRegister } from '../../src/gateway/register-metrics.ts';
import { openRegister, tendRegisters } from '../../src/gateway/register.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { sealsOf } from '../../src/register/seal.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';

const START = new Date('2026-03-30T10:00:00.000Z');
const HOUR_MS = 60 * 60 * 1000;

describeStores('what the registers need done every hour', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  let now = START;
  const clock = { now: () => now };

  beforeAll(async () => {
    const storeUrl = await openUrl();
    gateway = await startTestGateway({ clients: [], storeUrl });
    store = await openStore(storeUrl, clock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const parts = () => {
    const { directory, passphrase } = gateway.configuration.keys;
    const keys = loadKeys(directory, { passphrase });
    return { store, clock, keys, register: openRegister(gateway.configuration, keys) };
  };
  const append = async (transactionId: string) => {
    const { register } = parts();
    await store.transaction((transaction) =>
      register.append(transaction, {
        transactionId,
        reference: transactionId,
        at: now,
        kind: 'request',
        source: 'spid',
        entityId: 'unione',
        evidence: {},
      }),
    );
  };
  /** Does what is due at a time. @returns the events of the log */
  const tend = async (at: Date) => {
    now = at;
    const lines: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    await tendRegisters(gateway.configuration, { ...parts(), log });
    return lines.map((line) => {
      const said = Object.entries(JSON.parse(line) as Record<string, unknown>);
      return Object.fromEntries(said.filter(([name]) => !['time', 'severity'].includes(name)));
    });
  };
  const later = (hours: number, from = START) => new Date(from.getTime() + hours * HOUR_MS);
  const gauges = async () => {
    const metrics = createMetrics();
    measureRegister(metrics, gateway.configuration, parts());
    return metrics.text();
  };

  it('seals once a day, and what was sealed is late for nothing', async () => {
    await append('first');
    expect(await tend(later(1))).toEqual([{ event: 'register_sealed', entity: 'unione', seq: 1 }]);
    expect(await tend(later(20))).toEqual([]);
    expect(await tend(later(24 * 20))).toEqual([]);
    await append('second');
    expect(await tend(later(24 * 20 + 1))).toEqual([{ event: 'register_sealed', entity: 'unione', seq: 2 }]);
  });

  it('seals within a minute of the start of a gateway, however often it is started', async () => {
    await append('of a gateway that is restarted every half an hour');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    try {
      await gateway.restart();
      await vi.advanceTimersByTimeAsync(60_000);
      // Ends what is under way.
      await gateway.restart();
    } finally {
      vi.useRealTimers();
    }
    const seals = await sealsOf(store.db, 'unione');
    const head = await store.db.selectFrom('register_heads').select('seq').executeTakeFirstOrThrow();
    expect(seals.at(-1)?.seq).toBe(head.seq);
  });

  it('destroys what is due, and the gauge of what is overdue is above 0 until it has', async () => {
    now = new Date('2028-04-01T00:00:00.000Z');
    expect(await gauges()).toContain('gateway_register_overdue_rows{entity="unione"} 1');
    const [destroyed] = await tend(now);
    expect(destroyed).toEqual({ event: 'register_destroyed', entity: 'unione', month: '2026-03', rows: 1 });
    expect(await gauges()).toContain('gateway_register_overdue_rows{entity="unione"} 0');
  });

  it('says with every hour what is late: entries that nobody could seal, entries that nobody could destroy', async () => {
    await append('third');
    const { mac } = await store.db.selectFrom('register_heads').select('mac').executeTakeFirstOrThrow();
    await store.db.updateTable('register_heads').set({ mac: 'forged' }).execute();
    const waiting = now;
    const refused = expect.objectContaining({ event: 'failure', code: 'register_head_altered' }) as unknown;
    expect(await tend(later(47, waiting))).toEqual([refused]);
    const late = { event: 'register_seal_late', entity: 'unione' };
    expect(await tend(later(48, waiting))).toEqual([refused, { ...late, hours: 48 }]);
    expect(await tend(later(49, waiting))).toEqual([refused, { ...late, hours: 49 }]);
    const due = new Date('2030-06-01T00:00:00.000Z');
    expect(await tend(due)).toEqual([
      refused,
      { event: 'register_retention_late', entity: 'unione', month: '2026-04' },
      expect.objectContaining(late) as unknown,
    ]);
    expect(await gauges()).toMatch(/gateway_register_overdue_rows\{entity="unione"\} [1-9]/);
    await store.db.updateTable('register_heads').set({ mac }).execute();
    expect((await tend(due)).map(({ event }) => event)).toEqual(['register_destroyed', 'register_sealed']);
  });
});
