import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoginCounts } from '../../src/figures/login-counts.ts';
import { isMonth, monthlyReport, reportCsv } from '../../src/figures/monthly-report.ts';
import { figure, keepBack } from '../../src/figures/suppression.ts';
import type { SourceKind } from '../../src/identity/identity.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

describe('Small numbers', () => {
  const released = (...numbers: number[]) => {
    const parts = numbers.map(figure);
    const total = figure(numbers.reduce((sum, one) => sum + one, 0));
    keepBack([[total, ...parts]]);
    return [...parts, total].map(({ value, hidden }) => (hidden ? '*' : value));
  };

  it.each([
    [
      [10, 20, 30],
      [10, 20, 30, 60],
    ],
    [
      [9, 20, 30],
      ['*', '*', 30, 59],
    ], // one alone would be the total less the others
    [
      [9, 8, 30],
      ['*', '*', 30, 47],
    ],
    [
      [0, 20],
      [0, 20, 20],
    ],
    [[9], ['*', '*']],
    [
      [4, 3],
      ['*', '*', '*'],
    ],
  ])('of %j: shown is %j', (numbers, shown) => {
    expect(released(...numbers)).toEqual(shown);
  });
});

/** One that is still to come; its providers have ids of their own. */
const OTHER_SOURCE = 'cie' as string as SourceKind;
const sourceOf = (provider: string) => (provider === 'ministry' ? OTHER_SOURCE : 'spid');

describeStores('the monthly report', (openUrl) => {
  let store: Store;
  const MONTH = '2026-10';
  beforeAll(async () => {
    let now = new Date(0);
    store = await openStore(await openUrl(), { now: () => now });
    const counts = new LoginCounts(store, { now: () => now });
    const enter = (times: number, entityId: string, clientId: string, provider: string, level: 1 | 2) => {
      for (let time = 0; time < times; time++)
        counts.add({
          step: 'granted',
          entityId,
          clientId,
          testing: clientId === 'in-trial',
          source: sourceOf(provider),
          provider,
          level,
        });
    };
    now = new Date('2026-09-30T22:30:00Z'); // October in Italy
    enter(100, 'unione', 'suap', 'poste', 2);
    now = new Date('2026-10-31T22:30:00Z');
    enter(20, 'unione', 'school', 'aruba', 1);
    enter(5, 'unione', '=library', 'poste', 2);
    enter(40, 'comune', 'taxes', 'poste', 2);
    enter(3, 'comune', 'taxes', 'aruba', 2);
    enter(12, 'unione', 'gateway-accesses', 'poste', 2);
    enter(2, 'unione', 'gateway-admin', 'poste', 2);
    enter(70, 'unione', 'in-trial', 'test-provider', 2);
    enter(30, 'school', 'canteen', 'ministry', 2);
    enter(60, 'school', 'canteen', 'poste', 2);
    now = new Date('2026-10-31T23:30:00Z'); // November in Italy
    enter(1000, 'unione', 'suap', 'poste', 2);
    await counts.flush();
  });
  afterAll(() => store.close());

  const of = async (entityIds?: readonly string[]) =>
    new Map(
      (await monthlyReport(store.db, MONTH, entityIds)).map(({ entityId, by, value, accesses }) => [
        `${entityId} ${by} ${value}`.trim(),
        accesses ?? '*',
      ]),
    );

  it('counts a month in Italy by body, service, provider, source and level, without small numbers', async () => {
    const report = await of();
    expect(report.get('total')).toBe(258);
    expect(report.get('unione total')).toBe(125);
    expect(report.get('comune total')).toBe(43);
    expect(report.get('unione service suap')).toBe(100);
    expect(report.get('unione service =library')).toBe('*');
    expect(report.get('unione source spid')).toBe(125);
    expect(report.get('comune provider aruba')).toBe('*');
    expect([report.get('school source spid'), report.get('school source cie')]).toEqual([60, 30]);
    expect([report.get('source spid'), report.get('source cie')]).toEqual([228, 30]);
  });

  it("shows the gateway's own pages apart, in no sum and in no other line", async () => {
    const report = await of();
    expect(report.get('unione own-page gateway-accesses')).toBe(12);
    expect(report.get('unione own-page gateway-admin')).toBe('*');
    expect(report.get('own-page gateway-accesses')).toBe(12);
    expect([...report.keys()].filter((key) => key.includes('service gateway'))).toEqual([]);
    const services = [...report].filter(([key]) => key.startsWith('school service'));
    expect(services).toEqual([['school service canteen', 90]]);
    expect(report.get('school total')).toBe(90);
  });

  it('counts no logins of the test stage', async () => {
    const lines = await monthlyReport(store.db, MONTH, undefined);
    expect(lines.filter(({ value }) => /trial|test/.test(value))).toEqual([]);
  });

  it('keeps back what a total, or the report of another body, would give away', async () => {
    const report = await of();
    // 125 less 100 and 20 would be 5; 43 less 40 would be 3; 23 less 20 would be 3 again.
    expect(report.get('unione service school')).toBe('*');
    expect(report.get('comune provider poste')).toBe('*');
    expect([report.get('provider aruba'), report.get('unione provider aruba')]).toContain('*');
    const lines = await monthlyReport(store.db, MONTH, undefined);
    for (const by of ['service', 'provider', 'source', 'level'])
      for (const entityId of ['', 'unione', 'comune', 'school']) {
        const hidden = lines.filter(
          (line) =>
            line.entityId === entityId && [by, 'total'].includes(line.by) && line.accesses === undefined,
        );
        expect(hidden.length, `${entityId} ${by}`).not.toBe(1);
      }
  });

  it('tells a body its own lines, the same as in the report of all', async () => {
    const [all, own] = [await of(), await of(['comune'])];
    expect([...own.keys()].every((key) => key.startsWith('comune'))).toBe(true);
    for (const [key, accesses] of own) expect(accesses).toBe(all.get(key));
    expect(await of([])).toEqual(new Map());
  });

  it('is a CSV file that no spreadsheet takes for a formula', async () => {
    const csv = reportCsv(MONTH, await monthlyReport(store.db, MONTH, ['unione']));
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'month,body,by,value,accesses',
      '2026-10,unione,total,,125',
    ]);
    expect(csv).toContain("2026-10,unione,service,'=library,*\r\n");
  });

  it.each(['2026-13', '2026-1', '', '10/2026'])('knows that "%s" is no month', (text) => {
    expect(isMonth(text)).toBe(false);
  });
});
