import { describe, expect, it } from 'vitest';
import { ageOn } from '../../src/identity/age.ts';

describe('age, by the calendar of Italy', () => {
  it.each([
    ['the day before the birthday', '2008-03-06', '2026-03-05T12:00:00Z', 17],
    ['the birthday', '2008-03-05', '2026-03-05T12:00:00Z', 18],
    ['the birthday as it begins in Rome, winter time', '2008-03-06', '2026-03-05T23:00:00Z', 18],
    ['a minute before that', '2008-03-06', '2026-03-05T22:59:00Z', 17],
    ['the birthday as it begins in Rome, summer time', '2008-07-02', '2026-07-01T22:00:00Z', 18],
    ['29 February in a year without it: not on 28 February', '2008-02-29', '2026-02-28T12:00:00Z', 17],
    ['29 February in a year without it: on 1 March', '2008-02-29', '2026-03-01T12:00:00Z', 18],
    ['29 February in a leap year', '2008-02-29', '2028-02-29T12:00:00Z', 20],
    ['the day of birth', '2026-03-05', '2026-03-05T12:00:00Z', 0],
    ['a birth to come', '2026-03-06', '2026-03-05T12:00:00Z', undefined],
    ['no such day', '2008-02-30', '2026-03-05T12:00:00Z', undefined],
    ['another form', '05/03/2008', '2026-03-05T12:00:00Z', undefined],
    ['nothing', undefined, '2026-03-05T12:00:00Z', undefined],
  ])('%s', (_what, born, now, age) => {
    expect(ageOn(born, new Date(now))).toBe(age);
  });
});
