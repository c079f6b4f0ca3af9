import type { Attributes, IdentityKind } from '../identity/identity.ts';
import type { Localised } from '../identity/language.ts';
import { checkLetter } from '../identity/fiscal-code.ts';

/** An invented citizen. */
export interface Persona {
  readonly user: string;
  /** Why one would log in as this person. */
  readonly about: Localised;
  readonly kind: IdentityKind;
  readonly attributes: Attributes;
}

/** Completes an invented codice fiscale, so that none of them is mistyped. */
const fiscalNumber = (first15: string): string => `TINIT-${first15}${checkLetter(first15)}`;

const common: Attributes = {
  countyOfBirth: 'PI',
  placeOfBirth: 'G843',
  domicileStreetAddress: "Via dell'Esempio 12",
  domicilePostalCode: '56025',
  domicileMunicipality: 'Pontedera',
  domicileProvince: 'PI',
  domicileNation: 'IT',
  expirationDate: '2035-12-31',
};

export const PERSONAS: readonly Persona[] = [
  {
    user: 'anna.rossi',
    about: {
      it: 'maggiorenne, con tutti gli attributi personali',
      en: 'an adult with every personal attribute',
    },
    kind: 'citizen',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000001',
      name: 'Anna',
      familyName: 'Rossi',
      dateOfBirth: '1985-12-10',
      gender: 'F',
      fiscalNumber: fiscalNumber('RSSNNA85T50G843'),
      email: 'anna.rossi@example.it',
      mobilePhone: '3331234567',
      digitalAddress: 'anna.rossi@pec.example.it',
      idCard: 'cartaIdentita CA00000AA ComunePontedera 2022-01-10 2032-12-10',
    },
  },
  {
    user: 'luca.nicolò',
    about: {
      it: 'accenti e apostrofo nel nome, nessun indirizzo e-mail',
      en: 'accents, an apostrophe in the name, no e-mail address',
    },
    kind: 'citizen',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000002',
      name: 'Luca Nicolò',
      familyName: "D'Angelo & Figli",
      dateOfBirth: '1970-02-28',
      gender: 'M',
      fiscalNumber: fiscalNumber('DNGLNC70B28G843'),
    },
  },
  {
    user: 'anna.rossi.omocode',
    about: {
      it: 'un’altra Anna Rossi, con il codice fiscale di un caso di omocodia: un’altra persona',
      en: 'another Anna Rossi, whose codice fiscale differs by omocodia: another person',
    },
    kind: 'citizen',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000003',
      name: 'Anna',
      familyName: 'Rossi',
      dateOfBirth: '1985-12-10',
      gender: 'F',
      fiscalNumber: fiscalNumber('RSSNNA85T50G84P'),
      email: 'altra.anna@example.it',
    },
  },
  {
    user: 'giulia.verdi',
    about: {
      it: 'minorenne',
      en: 'a minor',
    },
    kind: 'citizen',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000004',
      name: 'Giulia',
      familyName: 'Verdi',
      dateOfBirth: '2013-06-01',
      gender: 'F',
      fiscalNumber: fiscalNumber('VRDGLI13H41G843'),
    },
  },
  {
    user: 'marco.bianchi',
    about: {
      it: 'professionista: identità per uso professionale, con i dati dello studio',
      en: 'a professional: an identity for work, with the data of the office',
    },
    kind: 'professional',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000007',
      name: 'Marco',
      familyName: 'Bianchi',
      dateOfBirth: '1975-04-20',
      gender: 'M',
      fiscalNumber: fiscalNumber('BNCMRC75D20G843'),
      email: 'studio.bianchi@example.it',
      companyName: 'Studio Bianchi',
      companyFiscalNumber: fiscalNumber('BNCMRC75D20G843'),
      ivaCode: 'VATIT-12345678903',
      registeredOffice: 'piazza della Prova 3 56025 Pontedera PI',
    },
  },
  {
    user: 'paola.neri',
    about: {
      it: 'agisce per una cooperativa: identità per uso professionale della persona giuridica',
      en: 'acts for a cooperative: an identity for work of a legal person',
    },
    kind: 'professional-for-legal-person',
    attributes: {
      ...common,
      spidCode: 'DEMO0000000008',
      name: 'Paola',
      familyName: 'Neri',
      dateOfBirth: '1988-09-15',
      gender: 'F',
      fiscalNumber: fiscalNumber('NREPLA88P55G843'),
      email: 'paola.neri@ilponte.example.it',
      companyName: 'Cooperativa Il Ponte',
      companyFiscalNumber: 'TINIT-12345678903',
      ivaCode: 'VATIT-12345678903',
      registeredOffice: 'via del Ponte 2 56025 Pontedera PI',
    },
  },
  {
    user: 'hans.muster',
    about: {
      it: 'codice fiscale di un altro Paese',
      en: 'foreign tax number',
    },
    kind: 'citizen',
    attributes: {
      spidCode: 'DEMO0000000005',
      name: 'Hans',
      familyName: 'Muster',
      dateOfBirth: '1980-01-01',
      gender: 'M',
      placeOfBirth: 'Z112',
      fiscalNumber: 'TINDE-12345678901',
      email: 'hans@example.de',
    },
  },
  {
    user: 'senza.codice',
    about: {
      it: 'senza codice fiscale, come chi arriva da eIDAS',
      en: 'no fiscal number at all, as some who come through eIDAS',
    },
    kind: 'citizen',
    attributes: {
      spidCode: 'DEMO0000000006',
      name: 'Senza',
      familyName: 'Codice',
      dateOfBirth: '1990-05-05',
    },
  },
];

export function personaOf(user: string): Persona | undefined {
  return PERSONAS.find((persona) => persona.user === user);
}
