import { describe, expect, it } from 'vitest';
import { actingFor, attributesBehind, claimsByScope, claimsOf } from '../../src/identity/claims.ts';

const P = 'https://attributes.eid.gov.it/';

describe('claims (spid-attributes, 5)', () => {
  it.each([
    [
      { name: 'Anna', familyName: 'Rossi' },
      { given_name: 'Anna', family_name: 'Rossi', name: 'Anna Rossi' },
    ],
    [{ familyName: 'Rossi' }, { family_name: 'Rossi', name: 'Rossi' }],
    [{ gender: 'F' }, { gender: 'female' }],
    [{ gender: 'M' }, { gender: 'male' }],
    [{ gender: 'X' }, {}],
    [{ dateOfBirth: '1985-12-10' }, { birthdate: '1985-12-10' }],
    [{ placeOfBirth: 'G843', countyOfBirth: 'PI' }, { place_of_birth: { locality: 'G843', region: 'PI' } }],
    [{ placeOfBirth: 'Roma' }, { place_of_birth: { locality: 'Roma' } }],
    [{ fiscalNumber: 'TINIT-RSSMRA80A01H501U' }, { [`${P}fiscal_number`]: 'TINIT-RSSMRA80A01H501U' }],
    [{ fiscalNumber: 'rssmra80a01h501u' }, { [`${P}fiscal_number`]: 'TINIT-RSSMRA80A01H501U' }],
    [{ fiscalNumber: 'TINDE-123' }, { [`${P}fiscal_number`]: 'TINDE-123' }],
    [{ email: 'Anna.Rossi@Example.IT' }, { email: 'Anna.Rossi@example.it' }],
    [{ mobilePhone: '3331234567' }, { phone_number: '+393331234567' }],
    [{ mobilePhone: '+393331234567' }, { phone_number: '+393331234567' }],
    [{ mobilePhone: '00493012345' }, { phone_number: '+493012345' }],
    [{ mobilePhone: '0587123456' }, { phone_number: '0587123456' }],
    [{ address: 'via Roma 1' }, { address: { formatted: 'via Roma 1' } }],
    [
      {
        domicileStreetAddress: 'via Roma 1',
        domicilePostalCode: '56025',
        domicileMunicipality: 'Pontedera',
        domicileProvince: 'PI',
        domicileNation: 'IT',
        address: 'old',
      },
      {
        address: {
          street_address: 'via Roma 1',
          postal_code: '56025',
          locality: 'Pontedera',
          region: 'PI',
          country: 'IT',
          country_code: 'IT',
        },
      },
    ],
    [
      { idCard: 'cartaIdentita AA0 Comune di Roma 2018-01-01 2028-01-01' },
      {
        document_details: {
          type: 'cartaIdentita',
          document_number: 'AA0',
          issuer: { name: 'Comune di Roma' },
          date_of_issuance: '2018-01-01',
          date_of_expiry: '2028-01-01',
        },
      },
    ],
    [{ idCard: 'something else' }, {}],
    [{ ivaCode: 'VATIT-97735020584' }, { [`${P}vat_number`]: 'VATIT-97735020584' }],
    [{ digitalAddress: 'a@pec.it' }, { [`${P}e_delivery_service`]: 'a@pec.it' }],
  ])('%o becomes %o', (attributes, claims) => {
    expect(claimsOf(attributes, P)).toEqual(claims);
  });

  it.each([
    [
      'professional-for-legal-person',
      { name: 'Il Ponte', fiscal_number: 'TINIT-123', vat_number: 'VATIT-123' },
    ],
    ['legal-person', { name: 'Il Ponte', fiscal_number: 'TINIT-123', vat_number: 'VATIT-123' }],
    ['professional', undefined],
    ['citizen', undefined],
  ] as const)('whom a person of kind %s acts for', (kind, company) => {
    const attributes = { companyName: 'Il Ponte', companyFiscalNumber: '123', ivaCode: 'VATIT-123' };
    expect(actingFor(kind, attributes)).toEqual(company);
    expect(actingFor(kind, { companyName: 'Il Ponte' })).toBeUndefined();
  });

  it('finds the attributes behind scopes and single claims, and nothing behind what it does not know', () => {
    expect(attributesBehind(['email', 'unknown'], ['given_name', 'shoe_size'], P).sort()).toEqual([
      'email',
      'name',
    ]);
    expect(attributesBehind(['openid'], [], P)).toEqual(['spidCode', 'fiscalNumber']);
  });

  it('offers every claim under exactly one scope', () => {
    const names = Object.values(claimsByScope(P)).flat();
    expect(new Set(names).size).toBe(names.length);
  });
});
