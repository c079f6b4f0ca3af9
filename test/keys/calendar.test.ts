import { describe, expect, it } from 'vitest';
import { calendarOn, pressing, problemOf, type CalendarEntry } from '../../src/keys/calendar.ts';

const saml: CalendarEntry = {
  kind: 'saml',
  id: 'unione',
  begins: new Date('2026-01-01T00:00:00Z'),
  ends: new Date('2028-01-01T00:00:00Z'),
  followed: false,
};

const on = (day: string, change: Partial<CalendarEntry> = {}) =>
  calendarOn([{ ...saml, ...change }], new Date(day));
const said = (day: string, change: Partial<CalendarEntry> = {}) =>
  pressing(on(day, change)).map((entry) => [entry.stage, problemOf(entry)]);

describe('the expiry calendar', () => {
  it.each([
    ['2027-10-02T00:00:00Z', []],
    ['2027-10-03T00:00:00Z', [[90, 'expires in 90 days, on 2028-01-01']]],
    ['2027-11-02T00:00:00Z', [[60, 'expires in 60 days, on 2028-01-01']]],
    ['2027-12-02T00:00:00Z', [[30, 'expires in 30 days, on 2028-01-01']]],
    ['2027-12-17T00:00:00Z', [[15, 'expires in 15 days, on 2028-01-01']]],
    ['2027-12-24T12:00:00Z', [[7, 'expires in 7 days, on 2028-01-01']]],
    ['2027-12-31T12:00:00Z', [[7, 'expires in 0 days, on 2028-01-01']]],
    ['2028-01-01T00:00:01Z', [['over', 'expired on 2028-01-01']]],
    ['2025-12-31T00:00:00Z', [['early', 'not valid before 2026-01-01']]],
  ])('says of a certificate of ours on %s: %j', (day, expected) => {
    expect(said(day)).toEqual(expected);
  });

  it('gives others’ certificates no notice of 90 days, and providers’ two more late ones', () => {
    expect(said('2027-10-10', { kind: 'certificate' })).toEqual([]);
    expect(said('2027-12-29', { kind: 'certificate' })[0]?.[0]).toBe(7);
    expect(said('2027-12-29', { kind: 'identity-provider' })[0]?.[0]).toBe(3);
  });

  it('says of keys that we change ourselves when their change is due, from a week before', () => {
    expect(said('2027-12-20', { kind: 'oidc' })).toEqual([]);
    expect(said('2027-12-27', { kind: 'oidc' })).toEqual([[7, 'its change is due in 5 days, on 2028-01-01']]);
    expect(said('2028-01-02', { kind: 'cookies' })).toEqual([['over', 'its change was due on 2028-01-01']]);
  });

  it('says nothing of what something else follows, and lists it all the same', () => {
    expect(said('2028-01-02', { followed: true })).toEqual([]);
    expect(on('2028-01-02', { followed: true })).toMatchObject([{ id: 'unione', days: -1 }]);
  });

  it('has first what ends first', () => {
    const sooner = { ...saml, id: 'comune', ends: new Date('2027-01-01') };
    expect(calendarOn([saml, sooner], new Date('2026-06-01')).map(({ id }) => id)).toEqual([
      'comune',
      'unione',
    ]);
  });
});
