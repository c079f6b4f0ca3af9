import { attribute, everywhere, inserted, replacing, text, type Edit } from '../edits.ts';
import { AUTHN_FAILED, attributeXml, errorXml, signed } from '../model.ts';
import { URI } from '../signer.ts';
import { accepted, anomaly, changed, refused, signedBy, type Case } from './case.ts';
import { SOMEBODY } from './response.ts';
import { FORGED } from './wrapping.ts';

/** Something inside the last value, the most personal one. */
const inLastValue = (content: string): Edit =>
  everywhere((xml) =>
    xml.replace(
      /(<saml:AttributeValue[^>]*>[^<]{4})([^<]*<\/saml:AttributeValue><\/saml:Attribute><\/saml:AttributeStatement>)/,
      `$1${content}$2`,
    ),
  );

/** As many as fit into 256 KiB: more would be refused for their size. */
const NESTED = 37_000;

/** What neither suite plays and attackers do (spid-response-validation, 8), as far as a provider alone can play it. */
export const OWN_CASES: readonly Case[] = [
  accepted(
    'one-signature',
    'own',
    ['firmata la sola Assertion', 'only the Assertion signed'],
    signedBy({ response: false }),
  ),
  accepted(
    'value-lines',
    'own',
    ['valori su righe proprie', 'values in lines of their own'],
    changed(replacing('Audience', (element) => element.replace(/>([^<]*)</, '>\n  $1\n<'))),
  ),
  accepted(
    'same-instant',
    'own',
    ['IssueInstant uguale a quello della richiesta', 'IssueInstant equal to the request'],
    changed(
      (xml, facts) => attribute('Response', 'IssueInstant', facts.requested)(xml, facts),
      (xml, facts) => attribute('Assertion', 'IssueInstant', facts.requested)(xml, facts),
    ),
  ),
  accepted(
    'class-blanks',
    'own',
    ['AuthnContextClassRef seguito da spazi', 'class with trailing blanks'],
    changed(replacing('AuthnContextClassRef', (element) => element.replace('</', ' \n</'))),
  ),
  refused(
    'class-case',
    'own',
    'A17',
    ['AuthnContextClassRef in minuscolo', 'class in lower case'],
    changed(replacing('AuthnContextClassRef', (element) => element.replace('SpidL', 'spidl'))),
  ),
  refused(
    'date-no-zone',
    'own',
    'A14',
    ['NotBefore senza fuso orario', 'NotBefore without zone'],
    changed((xml, facts) => attribute('Conditions', 'NotBefore', facts.instant.replace('Z', ''))(xml, facts)),
  ),
  refused(
    'sha1',
    'own',
    'S7',
    ['Assertion firmata con SHA-1', 'Assertion signed with SHA-1'],
    signedBy({ assertion: { signatureMethod: URI.rsaSha1, digestMethod: URI.sha1 } }),
  ),
  refused(
    'hmac',
    'own',
    'S7',
    ['Assertion con HMAC calcolato sulla chiave pubblica', 'an HMAC keyed with the public key'],
    signedBy({ assertion: { signatureMethod: URI.hmacSha256 } }),
  ),
  refused(
    'two-references',
    'own',
    'S4',
    ['due Reference nella firma', 'two References in the signature'],
    signedBy({
      assertion: { edit: (signature) => signature.replace(/<ds:Reference .*<\/ds:Reference>/, '$&$&') },
    }),
  ),
  refused(
    'two-signed-infos',
    'own',
    'S4',
    ['due SignedInfo nella firma', 'two SignedInfo in the signature'],
    signedBy({
      assertion: { edit: (signature) => signature.replace(/<ds:SignedInfo>.*<\/ds:SignedInfo>/, '$&$&') },
    }),
  ),
  refused(
    'empty-uri',
    'own',
    'S4',
    ['Reference con URI vuoto', 'a Reference with an empty URI'],
    signedBy({ assertion: { uri: '' }, response: false }),
  ),
  refused(
    'key-name',
    'own',
    'S2',
    ['firme estranee con un KeyName', 'foreign signatures with a KeyName'],
    signedBy(({ foreign: key }) => {
      const signing = { key, keyInfo: '<ds:KeyName>trust me</ds:KeyName>' };
      return { assertion: signing, response: signing };
    }),
  ),
  refused(
    'two-providers',
    'own',
    'S8',
    [
      'Assertion di un altro gestore nella Response di questo',
      'the Assertion of another provider in the Response of this one',
    ],
    signedBy(
      ({ foreign }) => ({ assertion: { key: foreign } }),
      text('Assertion/Issuer', SOMEBODY),
      attribute('NameID', 'NameQualifier', SOMEBODY),
    ),
  ),
  refused(
    'comment-name-id',
    'own',
    'T4',
    ['un commento dentro NameID', 'a comment inside NameID'],
    changed(replacing('NameID', (element) => element.replace(/>(..)/, '>$1<!---->'))),
  ),
  refused(
    'comment-value',
    'own',
    'T4',
    ['un commento dentro il valore di un attributo', 'a comment inside the value of an attribute'],
    changed(inLastValue('<!---->')),
  ),
  refused(
    'instruction',
    'own',
    'T4',
    [
      'una processing instruction dentro il valore di un attributo',
      'a processing instruction inside the value of an attribute',
    ],
    changed(inLastValue('<?x y?>')),
  ),
  refused(
    'doctype',
    'own',
    'T4',
    ['un DOCTYPE con una entità', 'a DOCTYPE with an entity'],
    (kit) => `<!DOCTYPE x [<!ENTITY e "x">]>${changed()(kit)}`,
  ),
  refused(
    'entity',
    'own',
    'T4',
    ["un'entità esterna nel NameID", 'an external entity in NameID'],
    (kit) =>
      `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>${changed()(kit).replace(`>${kit.facts.nameId}<`, '>&e;<')}`,
  ),
  refused('two-roots', 'own', 'T4', ['due elementi radice', 'two roots'], (kit) => `${changed()(kit)}<x/>`),
  refused(
    'nested',
    'own',
    'T4',
    [`${NESTED} elementi annidati`, `${NESTED} nested elements`],
    () => `${'<a>'.repeat(NESTED)}${'</a>'.repeat(NESTED)}`,
  ),
  refused(
    'duplicate-id',
    'own',
    'T7',
    ['lo stesso identificativo due volte', 'the same identifier twice'],
    changed((xml, facts) => attribute('AttributeStatement', 'Id', facts.assertionId)(xml, facts)),
  ),
  refused('two-assertions', 'own', 'T5', ['due Assertion firmate', 'two Assertions, both signed'], (kit) => {
    const [second = ''] =
      /<saml:Assertion .*<\/saml:Assertion>/s.exec(
        signedBy({ response: false })({
          ...kit,
          facts: { ...kit.facts, assertionId: `${kit.facts.assertionId}b` },
        }),
      ) ?? [];
    return signedBy({}, inserted('last in', 'Response', second))(kit);
  }),
  refused(
    'encrypted',
    'own',
    'T5',
    ['una EncryptedAssertion', 'an EncryptedAssertion'],
    changed(inserted('last in', 'Response', '<saml:EncryptedAssertion/>')),
  ),
  refused(
    'other-message',
    'own',
    'T5',
    ['una LogoutResponse al posto della Response', 'a LogoutResponse instead of the Response'],
    signedBy(
      { assertion: false },
      everywhere((xml) => xml.replaceAll('samlp:Response', 'samlp:LogoutResponse')),
    ),
  ),
  refused(
    'duplicate-attribute',
    'own',
    'A21',
    ['un attributo due volte', 'an attribute twice'],
    changed((xml, facts) => {
      const [name = '', value = ''] = Object.entries(facts.attributes).at(-1) ?? [];
      return inserted(
        'first in',
        'AttributeStatement',
        attributeXml(name, name === 'fiscalNumber' ? FORGED : value),
      )(xml, facts);
    }),
  ),
  refused(
    'late-error',
    'own',
    'R3',
    ["errore dell'utente precedente alla richiesta", "a citizen's error from before the request"],
    (kit) =>
      signed(
        attribute(
          'Response',
          'IssueInstant',
          '2018-07-16T10:38:29Z',
        )(errorXml(kit.facts, AUTHN_FAILED, 'ErrorCode nr25'), kit.facts),
        kit,
      ),
  ),
  refused(
    'foreign-error',
    'own',
    'S2',
    ["errore dell'utente firmato con una chiave estranea", "a citizen's error signed with a foreign key"],
    (kit) =>
      signed(errorXml(kit.facts, AUTHN_FAILED, 'ErrorCode nr25'), kit, { response: { key: kit.foreign } }),
  ),
  anomaly(
    'anomaly-text',
    'own',
    22,
    ['con altro testo intorno e zeri iniziali', 'with text around it and leading zeros'],
    'Errore: ErrorCode nr022 (utente)',
  ),
  refused(
    'parameter-twice',
    'own',
    'T2',
    ['SAMLResponse due volte nel modulo', 'SAMLResponse twice in the form'],
    changed(),
    { form: (form) => form.append('SAMLResponse', form.get('SAMLResponse') ?? '') },
  ),
  refused('no-relay-state', 'own', 'T3', ['RelayState assente', 'no RelayState'], changed(), {
    form: (form) => form.delete('RelayState'),
  }),
  refused(
    'relay-state',
    'own',
    'C2',
    ["RelayState di un'altra richiesta", 'RelayState of another request'],
    changed(),
    { form: (form) => form.set('RelayState', 'of-another-request') },
  ),
  refused(
    'replay',
    'own',
    'C2',
    [
      'la stessa risposta una seconda volta, da un altro browser',
      'the same answer a second time, from another browser',
    ],
    changed(),
    { again: true },
  ),
  refused(
    'other-browser',
    'own',
    'C2',
    [
      'la risposta giusta da un browser che non ha chiesto nulla',
      'the right answer from a browser that asked nothing',
    ],
    changed(),
    { elsewhere: true },
  ),
];
