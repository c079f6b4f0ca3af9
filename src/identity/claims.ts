import type { AttributeName } from './attributes.ts';
import type { Attributes, IdentityKind } from './identity.ts';

/** The scopes that clients may ask for, each with the attributes behind it (spid-attributes, 5). */
export const SCOPES = {
  openid: ['spidCode', 'fiscalNumber'],
  profile: [
    'name',
    'familyName',
    'dateOfBirth',
    'placeOfBirth',
    'countyOfBirth',
    'gender',
    'idCard',
    'digitalAddress',
    'expirationDate',
    'companyName',
    'companyFiscalNumber',
    'ivaCode',
    'registeredOffice',
  ],
  email: ['email'],
  phone: ['mobilePhone'],
  address: [
    'address',
    'domicileStreetAddress',
    'domicilePostalCode',
    'domicileMunicipality',
    'domicileProvince',
    'domicileNation',
  ],
} as const satisfies Readonly<Record<string, readonly AttributeName[]>>;

export type Scope = keyof typeof SCOPES;

/** Which claims an attribute becomes. `P` stands for the configured prefix. */
const CLAIMS: Readonly<Record<AttributeName, readonly string[]>> = {
  spidCode: ['Pspid_code'],
  fiscalNumber: ['Pfiscal_number'],
  name: ['given_name', 'name'],
  familyName: ['family_name', 'name'],
  dateOfBirth: ['birthdate'],
  gender: ['gender'],
  placeOfBirth: ['place_of_birth'],
  countyOfBirth: ['place_of_birth'],
  email: ['email'],
  mobilePhone: ['phone_number'],
  address: ['address'],
  domicileStreetAddress: ['address'],
  domicilePostalCode: ['address'],
  domicileMunicipality: ['address'],
  domicileProvince: ['address'],
  domicileNation: ['address'],
  digitalAddress: ['Pe_delivery_service'],
  idCard: ['document_details'],
  companyName: ['Pcompany_name', 'acting_for'],
  registeredOffice: ['Pregistered_office'],
  companyFiscalNumber: ['Pcompany_fiscal_number', 'acting_for'],
  ivaCode: ['Pvat_number', 'acting_for'],
  expirationDate: ['Peid_exp_date'],
};

const withPrefix = (name: string, prefix: string): string => name.replace(/^P/, prefix);

/** The attributes that some claims were made of, in the order of the table. Claims of the protocol itself are none. */
export function attributesOfClaims(claims: readonly string[], prefix: string): AttributeName[] {
  return (Object.keys(CLAIMS) as AttributeName[]).filter((attribute) =>
    CLAIMS[attribute].some((claim) => claims.includes(withPrefix(claim, prefix))),
  );
}

/** Names of the claims behind each scope: what discovery advertises. */
export function claimsByScope(prefix: string): Record<Scope, string[]> {
  const names = (attributes: readonly AttributeName[]) => [
    ...new Set(
      attributes.flatMap((attribute) => CLAIMS[attribute].map((claim) => withPrefix(claim, prefix))),
    ),
  ];
  return {
    openid: names(SCOPES.openid),
    profile: names(SCOPES.profile),
    email: names(SCOPES.email),
    phone: names(SCOPES.phone),
    address: names(SCOPES.address),
  };
}

/** The attributes that a set of scopes and individually requested claims stand for. */
export function attributesBehind(
  scopes: readonly string[],
  claims: readonly string[],
  prefix: string,
): AttributeName[] {
  const byScope = scopes.flatMap((scope) => (scope in SCOPES ? [...SCOPES[scope as Scope]] : []));
  const byClaim = attributesOfClaims(claims, prefix);
  return [...new Set<AttributeName>([...byScope, ...byClaim])];
}

/**
 * Attributes as claims, converted as AgID's table says (spid-attributes, 5): standard names where OpenID Connect has
 * one, prefixed names for the rest, nothing for what is not held.
 */
export function claimsOf(attributes: Attributes, prefix: string): Record<string, unknown> {
  const { name, familyName, placeOfBirth, countyOfBirth } = attributes;
  const fullName = [name, familyName].filter(Boolean).join(' ');
  const claims: Record<string, unknown> = {
    given_name: name,
    family_name: familyName,
    name: fullName || undefined,
    birthdate: attributes.dateOfBirth,
    gender: gender(attributes.gender),
    place_of_birth: defined({ locality: placeOfBirth, region: countyOfBirth }),
    email: email(attributes.email),
    phone_number: phone(attributes.mobilePhone),
    address: address(attributes),
    document_details: document(attributes.idCard),
    [`${prefix}spid_code`]: attributes.spidCode,
    [`${prefix}fiscal_number`]: taxNumber(attributes.fiscalNumber, 'TINIT-'),
    [`${prefix}e_delivery_service`]: attributes.digitalAddress,
    [`${prefix}company_name`]: attributes.companyName,
    [`${prefix}registered_office`]: defined({ formatted: attributes.registeredOffice }),
    [`${prefix}company_fiscal_number`]: taxNumber(attributes.companyFiscalNumber, 'TINIT-'),
    [`${prefix}vat_number`]: taxNumber(attributes.ivaCode, 'VATIT-'),
    [`${prefix}eid_exp_date`]: attributes.expirationDate,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** Kinds of identity by which a person acts for a company (AgID notice 18). */
const ACTING: readonly IdentityKind[] = ['legal-person', 'professional-for-legal-person'];

/**
 * The company that a person acts for, as her provider has verified it: a claim of its own, since she stays the same
 * person whichever she acts for (one-identity, 4). Professionals on their own account act for nobody.
 */
export function actingFor(kind: IdentityKind, attributes: Attributes): Record<string, string> | undefined {
  const { companyName: name, companyFiscalNumber, ivaCode } = attributes;
  if (!ACTING.includes(kind) || (companyFiscalNumber === undefined && ivaCode === undefined))
    return undefined;
  return defined({
    name,
    fiscal_number: taxNumber(companyFiscalNumber, 'TINIT-'),
    vat_number: taxNumber(ivaCode, 'VATIT-'),
  });
}

/** An object of what is there; undefined when nothing is. */
function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> | undefined {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function gender(value: string | undefined): string | undefined {
  return value === 'F' ? 'female' : value === 'M' ? 'male' : undefined;
}

/** Only the domain is case-insensitive. */
function email(value: string | undefined): string | undefined {
  const at = value?.lastIndexOf('@') ?? -1;
  return value && at > 0 ? value.slice(0, at) + value.slice(at).toLowerCase() : value;
}

/** Italian mobile numbers in E.164; what is not recognised stays as it came. */
function phone(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^3\d{8,9}$/.test(value)) return `+39${value}`;
  return value.replace(/^00/, '+');
}

/** One canonical form, with prefix and in upper case, whatever came (spid-attributes, 3). */
function taxNumber(value: string | undefined, italianPrefix: string): string | undefined {
  if (value === undefined) return undefined;
  return (/^(TIN|VAT)[A-Z]{2}-/i.test(value) ? value : `${italianPrefix}${value}`).toUpperCase();
}

/** The split address where the provider has one, the old single line otherwise. */
function address(attributes: Attributes): Record<string, string> | undefined {
  const nation = attributes.domicileNation;
  const split = defined({
    street_address: attributes.domicileStreetAddress,
    postal_code: attributes.domicilePostalCode,
    locality: attributes.domicileMunicipality,
    region: attributes.domicileProvince,
    country: nation,
    country_code: nation,
  });
  return split ?? defined({ formatted: attributes.address });
}

/** Type, number, issuer and two dates, read from both ends because the issuer may hold blanks (spid-attributes, 2). */
function document(value: string | undefined): Record<string, unknown> | undefined {
  const match = /^(\S+) (\S+) (.+) (\d{4}-\d{2}-\d{2}) (\d{4}-\d{2}-\d{2})$/.exec(value ?? '');
  if (!match) return undefined;
  const [, type, number, issuer, issued, expires] = match;
  return {
    type,
    document_number: number,
    issuer: { name: issuer },
    date_of_issuance: issued,
    date_of_expiry: expires,
  };
}
