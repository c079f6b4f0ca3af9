import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { By } from '../../src/audit/entry.ts';
import { AuditTrail } from '../../src/audit/trail.ts';
import { Refused } from '../../src/operations/errors.ts';
import { startOfDay } from '../../src/operations/italian-time.ts';
import type { ConsultationRules } from '../../src/register/consultation/consultation.ts';
import { Consultations } from '../../src/register/consultation/consultations.ts';
import { ReadingRoom } from '../../src/register/consultation/reading-room.ts';
import type { Register } from '../../src/register/register.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { masterKey, personHash, testRegister } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

const HOUR = 60 * 60 * 1000;
const START = Date.parse('2026-10-05T08:00:00Z');
const REASON = 'richiesta della Procura, prot. 1234';
const MARIO = 'RSSMRA80A01H501U';
const ADA = 'GDASDV00A01H501J';

const person = (value: string, name: string): By => ({
  actor: { kind: 'person', person: { kind: 'it-fiscal', value }, name },
  via: 'console',
});
const officer = person('BNCGLI75A41H501K', 'Giulia Bianchi');
const other = person('VRDLCU70A01H501W', 'Luca Verdi');
const operator: By = { actor: { kind: 'operator', name: 'responsabile' }, via: 'command-line' };

describe('A day in Italy', () => {
  it.each([
    ['2026-10-05', 0, '2026-10-04T22:00:00.000Z'],
    ['2026-10-25', 0, '2026-10-24T22:00:00.000Z'], // summer time ends in the night of this day
    ['2026-10-25', 1, '2026-10-25T23:00:00.000Z'],
    ['2026-03-29', 1, '2026-03-29T22:00:00.000Z'],
    ['2026-12-31', 1, '2026-12-31T23:00:00.000Z'],
  ])('%s and %i begins at %s', (day, later, begins) => {
    expect(startOfDay(day, later)?.toISOString()).toBe(begins);
  });

  it.each(['2026-02-30', '2026-13-01', '05/10/2026', ''])('is not %s', (day) => {
    expect(startOfDay(day)).toBeUndefined();
  });
});

describeStores('consulting the register', (openUrl) => {
  let store: Store;
  let register: Register;
  let now = START;
  const clock = { now: () => new Date(now) };
  const trail = new AuditTrail({ cipher: masterKey, personHash, derived: () => ['mac'] });

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    register = testRegister();
    for (let at = 0; at < 250; at++) await append(at, at % 50 === 0 ? ADA : MARIO);
  });
  afterAll(() => store.close());
  beforeEach(() => {
    now = START + 24 * HOUR;
  });

  const append = (at: number, fiscalCode: string) =>
    store.transaction((transaction) =>
      register.append(transaction, {
        transactionId: `t-${at}`,
        reference: `CODE-${at}`,
        at: new Date(START + (at % 200)),
        kind: 'response',
        source: 'spid',
        entityId: at % 2 ? 'unione' : 'comune',
        clientId: 'suap',
        messageId: `_r${at}`,
        outcome: 'accepted',
        evidence: { message: Buffer.from('not XML') },
        person: { kind: 'it-fiscal', value: fiscalCode },
      }),
    );

  function readingRoom(rules: Partial<ConsultationRules> = {}) {
    const all = { secondPerson: false, approvalHours: 24, openHours: 4, ...rules };
    const never = () => {
      throw new Error('nothing is sealed here');
    };
    return new ReadingRoom({
      store,
      clock,
      register,
      consultations: new Consultations({
        store,
        clock,
        trail,
        keys: { cipher: masterKey, personHash },
        rules: all,
      }),
      seals: { store, clock, log: { event: never, failure: never }, signer: never, issuer: never },
      names: never,
    });
  }
  const of = (fiscalCode: string) => ({ personHashes: [personHash.hash(`it-fiscal:${fiscalCode}`)] });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Refused ? error.code : error),
    );
  const newest = async () => (await trail.list(store.db, { limit: 1 }))[0];

  it('needs a reason, and something to look for', async () => {
    const { consultations } = readingRoom();
    const before = (await trail.list(store.db, { limit: 1000 })).length;
    expect(await codeOf(consultations.ask(of(ADA), ' perché ', officer))).toBe('consultation_reason');
    expect(await codeOf(consultations.ask(of(ADA), 'x'.repeat(501), officer))).toBe('consultation_reason');
    expect(await codeOf(consultations.ask({ clientId: 'suap' }, REASON, officer))).toBe('consultation_scope');
    const backwards = { from: new Date(now), to: new Date(START) };
    expect(await codeOf(consultations.ask(backwards, REASON, officer))).toBe('consultation_scope');
    expect(await trail.list(store.db, { limit: 1000 })).toHaveLength(before);
  });

  it('finds what it covers and nothing else, page by page, and says so in the audit trail', async () => {
    const reading = readingRoom();
    const { id } = await reading.consultations.ask(of(MARIO), REASON, officer);
    expect(await newest()).toMatchObject({ action: 'register.ask', actor: 'Giulia Bianchi' });
    const seen: string[] = [];
    let after: Awaited<ReturnType<ReadingRoom['search']>>['more'];
    do {
      const page = await reading.search(id, officer, after);
      seen.push(...page.entries.map(({ transactionId }) => transactionId));
      after = page.more;
    } while (after);
    expect(new Set(seen).size).toBe(245);
    expect(seen).toHaveLength(245);
    const entry = await newest();
    expect(entry).toMatchObject({
      action: 'register.search',
      target: { kind: 'register-consultation', id },
      after: { found: 45, scope: of(MARIO) },
    });
    expect(JSON.stringify(entry)).not.toContain(MARIO);
  });

  it('opens a transaction that it covers, and no other', async () => {
    const reading = readingRoom();
    const { id } = await reading.consultations.ask(of(ADA), REASON, operator);
    const { entries } = await reading.show(id, 't-50', operator);
    expect(entries.map(({ evidence }) => evidence)).toEqual([{ message: Buffer.from('not XML') }]);
    expect(await newest()).toMatchObject({ action: 'register.show', after: { transaction: 't-50' } });
    expect(await codeOf(reading.show(id, 't-51', operator))).toBe('register_transaction');
    expect(await codeOf(reading.export(id, operator, 't-51'))).toBe('register_transaction');
  });

  it('is for whoever asked, and ends by itself', async () => {
    const reading = readingRoom();
    const { id } = await reading.consultations.ask({ reference: 'code-7' }, REASON, officer);
    expect((await reading.search(id, officer)).entries).toHaveLength(1);
    for (const by of [other, operator])
      expect(await codeOf(reading.search(id, by))).toBe('consultation_unknown');
    now += 4 * HOUR;
    expect(await codeOf(reading.search(id, officer))).toBe('consultation_over');
    expect(await codeOf(reading.show(id, 't-7', officer))).toBe('consultation_over');
    expect(await codeOf(reading.export(id, officer))).toBe('consultation_over');
  });

  it('waits for a second person where that is wanted, who is not the first', async () => {
    const reading = readingRoom({ secondPerson: true });
    const { consultations } = reading;
    const { id, state } = await consultations.ask({ messageId: '_r9' }, REASON, officer);
    expect(state).toBe('waiting');
    expect(await codeOf(reading.show(id, 't-9', officer))).toBe('consultation_waiting');
    expect(await codeOf(consultations.decide(id, true, officer))).toBe('consultation_same_person');
    await consultations.decide(id, true, other);
    expect(await newest()).toMatchObject({ action: 'register.agree', actor: 'Luca Verdi' });
    expect((await reading.show(id, 't-9', officer)).consultation).toMatchObject({ decider: 'Luca Verdi' });
    expect(await codeOf(consultations.decide(id, false, other))).toBe('consultation_decided');
    expect(await codeOf(reading.show(id, 't-9', other))).toBe('consultation_unknown');
  });

  it('stays closed when the second person refuses, or comes too late', async () => {
    const reading = readingRoom({ secondPerson: true });
    const { consultations } = reading;
    const refused = await consultations.ask({ messageId: '_r9' }, REASON, operator);
    await consultations.decide(refused.id, false, other);
    expect(await codeOf(reading.search(refused.id, operator))).toBe('consultation_refused');
    const late = await consultations.ask({ messageId: '_r9' }, REASON, officer);
    now += 24 * HOUR;
    expect(await codeOf(consultations.decide(late.id, true, other))).toBe('consultation_over');
    expect((await consultations.list()).slice(0, 2).map(({ state }) => state)).toEqual([
      'waiting',
      'refused',
    ]);
    now += 31 * 24 * HOUR;
    await store.purge();
    expect(await consultations.list()).toEqual([]);
  });
});
