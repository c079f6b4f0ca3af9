import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLetter, isFiscalCode } from '../../src/identity/fiscal-code.ts';
import { personKeyOf } from '../../src/identity/person-key.ts';

describe('codice fiscale (spid-attributes, 6)', () => {
  it.each([
    'RSSMRA80A01H501U',
    'RSSMRA80A01H50MM', // omocodia: one digit replaced
    'RSSMRA80A01H5LMX', // omocodia: two
    'RSSMRA80A41H501Y', // a woman's day
    'CSRGGL44L13H501E',
    'LVLDAA85T50G702B',
    'GRBGPP87L04L741X',
    'BRGLRZ80D58H501Q',
    'GDASDV00A01H501J',
    '97735020584',
    '00743110157',
    '12345678903',
  ])('%s is one', (code) => {
    expect(isFiscalCode(code)).toBe(true);
  });

  it.each([
    'RSSMRA80A01H501X',
    'rssmra80a01h501u',
    'RSSMRA80Z01H501U',
    'RSSMRA80A01H50',
    '97735020585',
    '',
    'TINIT-RSSMRA80A01H501U',
  ])('"%s" is none', (code) => {
    expect(isFiscalCode(code)).toBe(false);
  });

  it('notices any one character that is wrong, as far as one check letter can', () => {
    const genuine = 'RSSMRA80A01H501';
    fc.assert(
      fc.property(fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), (letter) => {
        expect(isFiscalCode(genuine + letter)).toBe(letter === checkLetter(genuine));
      }),
    );
  });
});

describe('person key (one-identity, 1)', () => {
  const provider = 'https://idp.example.it';
  it.each([
    [
      'with its prefix',
      { fiscalNumber: 'TINIT-RSSMRA80A01H501U' },
      { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
    ],
    [
      'without prefix',
      { fiscalNumber: 'RSSMRA80A01H501U' },
      { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
    ],
    [
      'in lower case, with blanks around',
      { fiscalNumber: ' tinit-rssmra80a01h501u ' },
      { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
    ],
    [
      'with omocodia, as issued',
      { fiscalNumber: 'TINIT-RSSMRA80A01H50MM' },
      { kind: 'it-fiscal', value: 'RSSMRA80A01H50MM' },
    ],
    [
      'provisional, of 11 digits',
      { fiscalNumber: 'TINIT-12345678903' },
      { kind: 'it-fiscal', value: '12345678903' },
    ],
    [
      'foreign, whole and unchecked',
      { fiscalNumber: 'TINDE-12345678901' },
      { kind: 'foreign-tin', value: 'TINDE-12345678901' },
    ],
    [
      'missing, with a code of the provider',
      { spidCode: 'ABCD123' },
      { kind: 'provider-code', value: `${provider} ABCD123` },
    ],
    [
      'malformed: no other key takes its place',
      { fiscalNumber: 'TINIT-RSSMRA80A01H501X', spidCode: 'ABCD123' },
      undefined,
    ],
    ['a company’s', { fiscalNumber: 'VATIT-97735020584' }, undefined],
    ['missing altogether', {}, undefined],
  ])('reads a fiscal number %s', (_what, attributes, key) => {
    expect(personKeyOf(attributes, provider)).toEqual(key);
  });

  it('is the same through two providers for a codice fiscale, and another for a provider’s own code', () => {
    const key = (from: string) => personKeyOf({ fiscalNumber: 'RSSMRA80A01H501U', spidCode: from }, from);
    expect(key('https://a.example')).toEqual(key('https://b.example'));
    expect(personKeyOf({ spidCode: 'X' }, 'https://a.example')).not.toEqual(
      personKeyOf({ spidCode: 'X' }, 'https://b.example'),
    );
  });
});
