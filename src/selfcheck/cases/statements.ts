import { attribute, empty, malformed, replacing, text, without } from '../edits.ts';
import { attributeXml } from '../model.ts';
import { anomaly, changed, levelled, refused, signedBy, type Case } from './case.ts';
import { FUTURE, PAST, SOMEBODY } from './response.ts';

/** AgID's cases 73 to 103: Conditions and statements. */
export const STATEMENT_CASES: readonly Case[] = [
  refused(73, 'PV', 'A14', ['Conditions vuoto', 'Conditions empty'], changed(empty('Conditions'))),
  refused(74, 'PV', 'A14', ['Conditions assente', 'Conditions missing'], changed(without('Conditions'))),
  refused(
    75,
    'PV',
    'A14',
    ['NotBefore di Conditions vuoto', 'NotBefore empty'],
    changed(attribute('Conditions', 'NotBefore', '')),
  ),
  refused(
    76,
    'PV',
    'A14',
    ['NotBefore di Conditions assente', 'NotBefore missing'],
    changed(attribute('Conditions', 'NotBefore', undefined)),
  ),
  refused(
    77,
    'PV',
    'A14',
    ['NotBefore di Conditions con formato errato', 'NotBefore badly formatted'],
    changed(malformed('Conditions', 'NotBefore')),
  ),
  refused(
    78,
    'PV',
    'A14',
    ['NotBefore di Conditions nel futuro', 'NotBefore in the future'],
    changed(attribute('Conditions', 'NotBefore', FUTURE)),
  ),
  refused(
    79,
    'PV',
    'A14',
    ['NotOnOrAfter di Conditions vuoto', 'Conditions NotOnOrAfter empty'],
    changed(attribute('Conditions', 'NotOnOrAfter', '')),
  ),
  refused(
    80,
    'PV',
    'A14',
    ['NotOnOrAfter di Conditions assente', 'Conditions NotOnOrAfter missing'],
    changed(attribute('Conditions', 'NotOnOrAfter', undefined)),
  ),
  refused(
    81,
    'PV',
    'A14',
    ['NotOnOrAfter di Conditions con formato errato', 'Conditions NotOnOrAfter badly formatted'],
    changed(malformed('Conditions', 'NotOnOrAfter')),
  ),
  refused(
    82,
    'PV',
    'A14',
    ['NotOnOrAfter di Conditions nel passato', 'Conditions NotOnOrAfter in the past'],
    changed(attribute('Conditions', 'NotOnOrAfter', PAST)),
  ),
  refused(
    83,
    'PV',
    'A15',
    ['AudienceRestriction vuoto', 'AudienceRestriction empty'],
    changed(empty('AudienceRestriction')),
  ),
  refused(
    84,
    'V',
    'A15',
    ['AudienceRestriction assente', 'AudienceRestriction missing'],
    changed(without('AudienceRestriction')),
  ),
  refused(85, 'PV', 'A15', ['Audience vuoto', 'Audience empty'], changed(text('Audience', ''))),
  refused(86, 'PV', 'A15', ['Audience assente', 'Audience missing'], changed(without('Audience'))),
  refused(
    87,
    'PV',
    'A15',
    ["Audience diverso dall'entityID del fornitore di servizi", 'another Audience'],
    changed(text('Audience', SOMEBODY)),
  ),
  refused(
    88,
    'PV',
    'A16',
    ['AuthnStatement vuoto', 'AuthnStatement empty'],
    changed(empty('AuthnStatement')),
  ),
  refused(
    89,
    'PV',
    'A16',
    ['AuthnStatement assente', 'AuthnStatement missing'],
    changed(without('AuthnStatement')),
  ),
  refused(90, 'PV', 'A17', ['AuthnContext vuoto', 'AuthnContext empty'], changed(empty('AuthnContext'))),
  refused(91, 'V', 'A17', ['AuthnContext assente', 'AuthnContext missing'], changed(without('AuthnContext'))),
  refused(
    92,
    'PV',
    'A17',
    ['AuthnContextClassRef vuoto', 'AuthnContextClassRef empty'],
    changed(text('AuthnContextClassRef', '')),
  ),
  refused(
    93,
    'PV',
    'A17',
    ['AuthnContextClassRef assente', 'AuthnContextClassRef missing'],
    changed(without('AuthnContextClassRef')),
  ),
  levelled(94, 1),
  levelled(95, 2),
  levelled(96, 3),
  refused(
    97,
    'PV',
    'A17',
    ['AuthnContextClassRef con URN di vecchio tipo', 'class of the old style'],
    changed((xml, facts) =>
      text('AuthnContextClassRef', `urn:oasis:names:tc:SAML:2.0:ac:classes:SpidL${facts.level}`)(xml, facts),
    ),
  ),
  refused(
    98,
    'PV',
    'A20',
    ['AttributeStatement senza Attribute', 'AttributeStatement without Attribute'],
    changed(empty('AttributeStatement')),
  ),
  refused(
    99,
    'PV',
    'A20',
    ['un Attribute senza valori', 'an Attribute without a value'],
    changed(
      replacing('Attribute', (element) =>
        element.replace(/<saml:AttributeValue .*<\/saml:AttributeValue>/, ''),
      ),
    ),
  ),
  refused(
    100,
    'PV',
    'S8',
    ['Assertion firmata con un altro certificato', 'Assertion signed with another certificate'],
    signedBy(({ foreign }) => ({ assertion: { key: foreign } })),
  ),
  {
    nr: '103',
    suite: 'PV',
    mutation: {
      it: 'attributi diversi da quelli richiesti (spidCode e address)',
      en: 'other attributes than those requested (spidCode and address)',
    },
    expected: 'free',
    check: 'A21',
    answer: changed(
      replacing(
        'AttributeStatement',
        () =>
          `<saml:AttributeStatement>${attributeXml('spidCode', 'AGID-001')}${attributeXml('address', 'Via Esempio 1 00100 Roma')}</saml:AttributeStatement>`,
      ),
    ),
  },
];

/** AgID's cases 104 to 108 and 111: what citizens do, each with a page of its own. */
export const ANOMALY_CASES: readonly Case[] = [
  anomaly(104, 'PV', 19, ['troppe credenziali errate', 'too many wrong credentials']),
  anomaly(105, 'PV', 20, [
    'nessuna credenziale del livello richiesto',
    'no credentials of the level required',
  ]),
  anomaly(106, 'PV', 21, ['tempo scaduto', 'timeout']),
  anomaly(107, 'PV', 22, ["consenso all'invio dei dati negato", 'consent refused']),
  anomaly(108, 'PV', 23, ['identità sospesa o revocata', 'identity suspended or revoked']),
  anomaly(111, 'PV', 25, ["accesso annullato dall'utente", 'cancelled']),
];
