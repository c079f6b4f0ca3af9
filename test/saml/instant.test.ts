import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '../../src/saml/instant.ts';

describe('instants (SPID response, section 5.4)', () => {
  it.each([
    ['2026-03-05T18:04:00Z', '2026-03-05T18:04:00.000Z'],
    ['2026-03-05T18:04:00.5Z', '2026-03-05T18:04:00.500Z'],
    ['2026-03-05T18:04:00.123Z', '2026-03-05T18:04:00.123Z'],
    ['2026-03-05T18:04:00.123456Z', '2026-03-05T18:04:00.123Z'],
    ['2026-03-05T18:04:00.999999999Z', '2026-03-05T18:04:00.999Z'],
    ['2026-03-05T18:04:00.0009Z', '2026-03-05T18:04:00.000Z'],
    ['2026-03-05T18:04:00+01:00', '2026-03-05T17:04:00.000Z'],
    ['2026-03-05T18:04:00-05:30', '2026-03-05T23:34:00.000Z'],
    ['2026-03-05T18:04:00+00:00', '2026-03-05T18:04:00.000Z'],
    ['2026-03-05T18:04:00-00:00', '2026-03-05T18:04:00.000Z'],
    ['2026-03-05T18:04:00+14:00', '2026-03-05T04:04:00.000Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2099-12-31T23:59:59Z', '2099-12-31T23:59:59.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text)?.toISOString()).toBe(expected);
  });

  it.each([
    ['an empty text', ''],
    ['a word', 'yesterday'],
    ['a date alone', '2026-03-05'],
    ['a time alone', '18:04:00Z'],
    ['no zone', '2026-03-05T18:04:00'],
    ['no seconds', '2026-03-05T18:04Z'],
    ['a blank instead of T', '2026-03-05 18:04:00Z'],
    ['a small t', '2026-03-05t18:04:00Z'],
    ['a small z', '2026-03-05T18:04:00z'],
    ['slashes', '2026/03/05T18:04:00Z'],
    ['dots in the time', '2026-03-05T18.04.00Z'],
    ['a comma before the fraction', '2026-03-05T18:04:00,5Z'],
    ['a fraction without digits', '2026-03-05T18:04:00.Z'],
    ['a day first', '05-03-2026T18:04:00Z'],
    ['one-digit fields', '2026-3-5T18:04:00Z'],
    ['a zone without colon', '2026-03-05T18:04:00+0100'],
    ['a zone without minutes', '2026-03-05T18:04:00+01'],
    ['two zones', '2026-03-05T18:04:00Z+01:00'],
    ['a zone beyond fourteen hours', '2026-03-05T18:04:00+15:00'],
    ['a zone one minute beyond fourteen hours', '2026-03-05T18:04:00+14:01'],
    ['a zone with sixty minutes', '2026-03-05T18:04:00+01:60'],
    ['a named zone', '2026-03-05T18:04:00 CET'],
    ['the 30th of February', '2026-02-30T00:00:00Z'],
    ['the 29th of February of a common year', '2026-02-29T00:00:00Z'],
    ['the 29th of February 1900', '1900-02-29T00:00:00Z'],
    ['the 31st of April', '2026-04-31T00:00:00Z'],
    ['a thirteenth month', '2026-13-01T00:00:00Z'],
    ['month zero', '2026-00-01T00:00:00Z'],
    ['day zero', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-03-05T24:00:00Z'],
    ['minute 60', '2026-03-05T18:60:00Z'],
    ['second 60', '2026-03-05T18:04:60Z'],
    ['a negative year', '-2026-03-05T18:04:00Z'],
    ['a year of five digits', '12026-03-05T18:04:00Z'],
    ['white space around', ' 2026-03-05T18:04:00Z'],
    ['a line break after', '2026-03-05T18:04:00Z\n'],
    ['digits of another script', '２０２６-03-05T18:04:00Z'],
    ['milliseconds since 1970', '1772733840000'],
  ])('does not read %s', (_, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('writes UTC with milliseconds and Z', () => {
    expect(formatInstant(new Date(Date.UTC(2026, 2, 5, 18, 4)))).toBe('2026-03-05T18:04:00.000Z');
  });

  const dates = fc.date({
    min: new Date('0001-01-01T00:00:00.000Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });

  it('reads back exactly the instant it wrote', () => {
    fc.assert(fc.property(dates, (date) => parseInstant(formatInstant(date))?.getTime() === date.getTime()));
  });

  it('reads the same instant in whatever zone it is written', () => {
    const recent = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2090-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(recent, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        const text = `${local}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
        expect(parseInstant(text)?.toISOString()).toBe(date.toISOString());
      }),
    );
  });

  it('never throws, and never makes an invalid date', () => {
    const pieces = fc.array(
      fc.constantFrom('2026', '-', '02', '29', '31', 'T', '24', ':', '60', '.', '9', 'Z', '+', '14', ' '),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((parts) => parts.join('')),
        ),
        (text) => {
          const instant = parseInstant(text);
          expect(instant === undefined || !Number.isNaN(instant.getTime())).toBe(true);
        },
      ),
    );
  });
});
