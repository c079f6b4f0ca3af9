/**
 * The attributes SPID can release, by their SAML names (spid-attributes, section 2). Other sources are mapped
 * onto these names. Only these may be requested.
 */
export const ATTRIBUTE_NAMES = [
  'spidCode',
  'name',
  'familyName',
  'placeOfBirth',
  'countyOfBirth',
  'dateOfBirth',
  'gender',
  'fiscalNumber',
  'idCard',
  'companyName',
  'registeredOffice',
  'ivaCode',
  'companyFiscalNumber',
  'mobilePhone',
  'email',
  'digitalAddress',
  'address',
  'domicileStreetAddress',
  'domicilePostalCode',
  'domicileMunicipality',
  'domicileProvince',
  'domicileNation',
  'expirationDate',
] as const;

export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];
