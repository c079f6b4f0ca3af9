import { describe, expect, it } from 'vitest';
import { keyProblems } from '../../src/keys/expiry.ts';

const key = {
  kind: 'saml',
  id: 'unione',
  created: new Date('2026-01-01T00:00:00Z'),
  expires: new Date('2028-01-01T00:00:00Z'),
} as const;

const problemOn = (day: string) => keyProblems([key], new Date(day)).map(({ problem }) => problem);

describe('the expiry calendar', () => {
  it.each([
    ['2027-10-02T00:00:00Z', []],
    ['2027-10-03T00:00:00Z', ['expires in 90 days, on 2028-01-01']],
    ['2027-12-31T12:00:00Z', ['expires in 0 days, on 2028-01-01']],
    ['2028-01-01T00:00:01Z', ['expired on 2028-01-01']],
    ['2025-12-31T00:00:00Z', ['not valid before 2026-01-01']],
  ])('says on %s: %j', (day, expected) => {
    expect(problemOn(day)).toEqual(expected);
  });

  it('leaves alone what has no end', () => {
    const { kind, id, created } = key;
    expect(keyProblems([{ kind, id, created }], new Date('2099-01-01'))).toEqual([]);
  });
});
