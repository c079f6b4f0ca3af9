import { attribute, empty, everywhere, inserted, text, without, type Edit } from '../edits.ts';
import type { Kit, Signings } from '../model.ts';
import { certificateInfo, type SignerKey } from '../signer.ts';
import { accepted, changed, refused, signedBy, type Case } from './case.ts';

/** Elsewhere than the request's: the ID of a request nobody sent, an address nobody has. */
export const NO_REQUEST = '_00000000000000000000000000000000';
export const ELSEWHERE = 'https://elsewhere.example.it/acs';
export const SOMEBODY = 'https://somebody.example.it';
export const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
export const PAST = '2000-01-01T00:00:00Z';
export const FUTURE = '2099-01-01T00:00:00Z';

/** InResponseTo of the Response and of the confirmation. */
const bothInResponseTo = (value: string | undefined): Edit[] => [
  attribute('Response', 'InResponseTo', value),
  attribute('SubjectConfirmationData', 'InResponseTo', value),
];

/** What has no ID can only be signed as the whole document. */
const wholeDocument = { assertion: {}, response: { uri: '', element: '/samlp:Response' } };

/** Both signatures by a key that no metadata holds. */
const byForeignKey = (key: SignerKey, shown: SignerKey): Signings => {
  const signing = { key, keyInfo: certificateInfo(shown.certificate) };
  return { assertion: signing, response: signing };
};

/** AgID's cases 1 to 32: signatures and the Response. */
export const RESPONSE_CASES: readonly Case[] = [
  accepted(1, 'PV', ['nessuna: risposta corretta', 'nothing: a correct response'], changed()),
  accepted(
    '1-NS',
    'V',
    ['corretta, senza SessionIndex', 'correct, without SessionIndex'],
    changed(attribute('AuthnStatement', 'SessionIndex', undefined)),
  ),
  refused(
    2,
    'PV',
    'S1',
    ['né Response né Assertion firmate', 'neither Response nor Assertion signed'],
    signedBy({ assertion: false, response: false }),
  ),
  refused(
    3,
    'PV',
    'S1',
    ['Response firmata, Assertion no', 'Response signed, Assertion not'],
    signedBy({ assertion: false }),
  ),
  refused(
    4,
    'PV',
    'S2',
    [
      'entrambe firmate con una chiave che non è nei metadata',
      'both signed with a key that is not in the metadata',
    ],
    signedBy(({ foreign, key }) => byForeignKey(foreign, key)),
  ),
  refused(
    5,
    'P',
    'S2',
    ['come 4, con il certificato estraneo nel KeyInfo', 'as 4, with the foreign certificate in KeyInfo'],
    signedBy(({ foreign }) => byForeignKey(foreign, foreign)),
  ),
  refused(
    8,
    'PV',
    'R1',
    ['ID della Response vuoto', 'Response ID empty'],
    signedBy(wholeDocument, attribute('Response', 'ID', '')),
  ),
  refused(
    9,
    'PV',
    'R1',
    ['ID della Response assente', 'Response ID missing'],
    signedBy(wholeDocument, attribute('Response', 'ID', undefined)),
  ),
  refused(
    10,
    'PV',
    'R2',
    ['Version della Response diverso da 2.0', 'Response Version 1.0'],
    changed(attribute('Response', 'Version', '1.0')),
  ),
  refused(
    11,
    'PV',
    'R3',
    ['IssueInstant della Response vuoto', 'Response IssueInstant empty'],
    changed(attribute('Response', 'IssueInstant', '')),
  ),
  refused(
    12,
    'PV',
    'R3',
    ['IssueInstant della Response assente', 'Response IssueInstant missing'],
    changed(attribute('Response', 'IssueInstant', undefined)),
  ),
  refused(
    13,
    'PV',
    'R3',
    ['IssueInstant della Response con formato errato (solo data)', 'Response IssueInstant a date only'],
    changed((xml, facts) => attribute('Response', 'IssueInstant', facts.instant.slice(0, 10))(xml, facts)),
  ),
  refused(
    14,
    'PV',
    'R3',
    ['IssueInstant della Response precedente alla richiesta', 'Response IssueInstant before the request'],
    changed(attribute('Response', 'IssueInstant', '2018-07-16T10:38:29Z')),
  ),
  refused(
    15,
    'PV',
    'R3',
    ['IssueInstant della Response successivo alla ricezione', 'Response IssueInstant after reception'],
    changed(attribute('Response', 'IssueInstant', FUTURE)),
  ),
  refused(16, 'PV', 'C1', ['InResponseTo vuoto', 'InResponseTo empty'], changed(...bothInResponseTo(''))),
  refused(
    17,
    'PV',
    'C1',
    ['InResponseTo assente', 'InResponseTo missing'],
    changed(...bothInResponseTo(undefined)),
  ),
  refused(
    18,
    'PV',
    'C1',
    ["InResponseTo diverso dall'ID della richiesta", 'InResponseTo of another request'],
    changed(...bothInResponseTo(NO_REQUEST)),
  ),
  refused(
    19,
    'PV',
    'R5',
    ['Destination vuoto', 'Destination empty'],
    changed(attribute('Response', 'Destination', '')),
  ),
  refused(
    20,
    'PV',
    'R5',
    ['Destination assente', 'Destination missing'],
    changed(attribute('Response', 'Destination', undefined)),
  ),
  refused(
    21,
    'PV',
    'R5',
    ["Destination diverso dall'URL dell'AssertionConsumerService", 'another Destination'],
    changed(attribute('Response', 'Destination', ELSEWHERE)),
  ),
  refused(22, 'PV', 'R6', ['Status vuoto', 'Status empty'], changed(empty('Status'))),
  refused(23, 'PV', 'R6', ['Status assente', 'Status missing'], changed(without('Status'))),
  refused(
    24,
    'PV',
    'R6',
    ['StatusCode con Value vuoto', 'StatusCode Value empty'],
    changed(attribute('StatusCode', 'Value', '')),
  ),
  refused(25, 'V', 'R6', ['StatusCode assente', 'StatusCode missing'], changed(without('StatusCode'))),
  refused(
    26,
    'PV',
    'R7',
    ['StatusCode inventato, con Assertion', 'StatusCode invented, Assertion present'],
    changed(attribute('StatusCode', 'Value', 'urn:oasis:names:tc:SAML:2.0:status:Invented')),
  ),
  refused(
    27,
    'PV',
    'R8',
    ['Issuer della Response vuoto', 'Response Issuer empty'],
    changed(text('Response/Issuer', '')),
  ),
  refused(
    28,
    'PV',
    'R8',
    ['Issuer della Response assente', 'Response Issuer missing'],
    changed(without('Response/Issuer')),
  ),
  refused(
    29,
    'PV',
    'R8',
    ["Issuer della Response diverso dall'entityID del gestore", 'another Response Issuer'],
    changed(text('Response/Issuer', SOMEBODY)),
  ),
  refused(
    30,
    'PV',
    'R9',
    ["Format dell'Issuer della Response diverso", 'another Format of the Response Issuer'],
    changed(attribute('Response/Issuer', 'Format', TRANSIENT)),
  ),
  accepted(
    31,
    'PV',
    ["Format dell'Issuer della Response assente", 'no Format of the Response Issuer'],
    changed(attribute('Response/Issuer', 'Format', undefined)),
  ),
  refused(
    32,
    'PV',
    'R10',
    ['Success senza Assertion', 'Success without Assertion'],
    changed(without('Assertion')),
  ),
];

/** AgID's cases 109 to 113. */
export const LAST_CASES: readonly Case[] = [
  accepted(
    109,
    'PV',
    [
      'attributi senza NameFormat, dichiarazione XML in testa',
      'attributes without NameFormat, an XML declaration in front',
    ],
    (kit) =>
      `<?xml version="1.0" encoding="UTF-8"?>${changed(everywhere((xml) => xml.replaceAll(/ NameFormat="[^"]*"/g, '')))(kit)}`,
  ),
  accepted(
    110,
    'PV',
    ['IssueInstant con sei decimali', 'IssueInstant with six digits of a second'],
    changed(
      everywhere((xml, { instant }) =>
        xml.replaceAll(`IssueInstant="${instant}"`, () => `IssueInstant="${sixDigits(instant)}"`),
      ),
    ),
  ),
  refused(
    112,
    'V',
    'T5',
    [
      'un md:EntityDescriptor firmato in testa alla Response, Assertion non firmata',
      'a signed md:EntityDescriptor first in the Response, Assertion unsigned',
    ],
    withEntity((kit) => ({ assertion: false, response: { key: kit.foreign } })),
  ),
  refused(
    113,
    'V',
    'T5',
    ["come 112, con una firma estranea sull'Assertion", 'as 112, with a foreign signature on the Assertion'],
    withEntity((kit) => ({ assertion: { key: kit.foreign } })),
  ),
];

/** A provider's own signed metadata, put where a verifier may find its signature instead of the Assertion's. */
function withEntity(how: (kit: Kit) => Signings): Case['answer'] {
  return (kit) => {
    const entity = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_e1" entityID="${kit.facts.provider}"><md:Organization/></md:EntityDescriptor>`;
    const signedEntity = kit.sign(entity, '_e1', kit.key);
    return signedBy(how, inserted('before', 'Response/Issuer', signedEntity))(kit);
  };
}

/** The same instant or a moment later, in microseconds. */
function sixDigits(instant: string): string {
  const milliseconds = /\.(\d{3})Z$/.exec(instant)?.[1] ?? '000';
  return instant.replace(/(\.\d+)?Z$/, `.${milliseconds}456Z`);
}
