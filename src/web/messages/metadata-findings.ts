import type { MetadataFinding, MetadataRuleId, Phrase } from '../../entities/metadata-check/rule.ts';
import type { Language } from '../../identity/language.ts';

/** What the phrases of findings say; `of` is the value they speak of. */
type Phrases = Readonly<Record<Phrase, (of: string) => string>>;

/** Of a rule: what it is about, and what to do when it is broken. */
type Rules = Readonly<Record<MetadataRuleId, { readonly about: string; readonly next: string }>>;

interface Texts {
  readonly phrases: Phrases;
  readonly rules: Rules;
}

/** Next steps that several rules share. */
const IT = {
  ourFault:
    'Non dipende da ciò che l’ente ha dichiarato: rifai la bozza e, se l’errore resta, segnalalo a chi gestisce il gateway.',
  declaration: (what: string) =>
    `Fai correggere ${what} nella dichiarazione dell’ente (file di configurazione o entity save), poi rifai la bozza.`,
  certificate:
    'Fai creare una chiave nuova con il suo certificato (cert create), poi rifai la bozza. Il certificato vecchio non si corregge.',
};

const it: Texts = {
  phrases: {
    text: (of) => of,
    nothing: () => 'niente',
    present: () => 'c’è',
    content: () => 'del contenuto',
    twice: (of) => `${of} due volte`,
    'before-document': () => 'qualcosa prima del primo «<»',
    'xml-too-large': () => 'un documento troppo grande',
    'xml-encoding': () => 'un documento che non è scritto in UTF-8',
    'xml-doctype': () => 'una dichiarazione DOCTYPE',
    'xml-processing-instruction': () => 'un’istruzione di elaborazione («<?…?>»)',
    'xml-comment': () => 'un commento',
    'xml-malformed': () => 'qualcosa che non è un documento XML',
    schema: (of) => `un documento che non segue lo schema XML: ${of}`,
    signatures: (of) => (of === '0' ? 'nessuna firma' : `${of} firme`),
    'signature-not-first': () => 'una firma che non è il primo elemento',
    'signature-form': () => 'una firma di forma non ammessa',
    'signature-without-certificate': () => 'una firma senza un certificato leggibile',
    'signature-wrong': () => 'una firma che non torna: il documento è cambiato dopo la firma',
    'weak-key': () => 'una chiave troppo debole',
    expired: (of) => `un certificato scaduto il ${of}`,
    'no-signing-key': () => 'nessuna chiave per firmare',
    'encryption-key': () => 'una chiave per cifrare',
    'same-address': () => 'due volte lo stesso indirizzo',
    critical: () => 'critica',
    'not-critical': () => 'non critica',
    unreadable: () => 'qualcosa che non si può leggere',
    'several-in-one-name': () => 'più attributi in un solo nome',
    period: (of) => of.replace(/^from /, 'valido dal ').replace(/^until /, 'valido fino al '),

    'plain-xml': () => 'un documento XML in UTF-8, senza commenti',
    'nothing-before-document': () => 'nessuno spazio, a capo o segno prima del documento',
    'schema-valid': () => 'ciò che lo schema dei metadati ammette',
    'each-once': () => 'ciascuno una volta sola',
    'one-body': () => 'un solo md:EntityDescriptor: un documento, un ente',
    'service-provider': () => 'i metadati di un fornitore di servizi, con un solo SPSSODescriptor',
    'only-service-provider': () => 'nessun ruolo oltre a SPSSODescriptor',
    'absolute-address': () => 'un indirizzo completo di al massimo 1024 caratteri, senza spazi intorno',
    'bare-address': () => 'un indirizzo senza «?», «#» e nome utente',
    'https-address': () => 'un indirizzo che comincia con https://',
    'web-address': () => 'un indirizzo web completo (https://…)',
    'no-port': () => 'un indirizzo senza numero di porta',
    'no-validity': () => 'nessuna scadenza: le copie che hanno i gestori smetterebbero di valere',
    exactly: (of) => `esattamente ${of}`,
    between: (of) => `da ${of.replace('–', ' a ')}`,
    'at-least-one': () => 'almeno uno',
    'at-most-one': () => 'al massimo uno',
    'own-signature': () =>
      'una sola firma dell’intero documento, come primo elemento, verificabile con il certificato che contiene',
    'rsa-2048': () => 'RSA di almeno 2048 bit',
    'valid-certificate': () => 'un certificato non scaduto',
    'activity-code': (of) => `${of} come parte del percorso`,
    'no-activity-code': () =>
      'nessun codice di aggregatore nel percorso: questi sono i metadati di un fornitore di servizi ordinario',
    'signing-key': () => 'almeno una, con use="signing"',
    'no-encryption-key': () => 'nessuna: in SPID le asserzioni non sono cifrate',
    certificate: () => 'un certificato (DER in base64)',
    'first-is-default': () => 'index="0" isDefault="true" sul primo',
    'only-first-is-default': () => 'isDefault solo sul primo',
    'own-host': (of) => `un indirizzo su ${of}, come l’entityID`,
    index: () => 'un numero da 0 a 65535',
    'own-index': () => 'un indice che nessun altro ha',
    'attribute-set': () => 'almeno un insieme di attributi',
    'one-default-set': () => 'al massimo uno; meglio nessuno',
    'not-77': () => 'un altro indice: 77 è riservato alle firme (art. 20 CAD)',
    'eidas-set': (of) => `questo indice è riservato a eIDAS, con «${of}»`,
    'italian-name': () => 'uno in italiano (xml:lang="it")',
    'one-for-older-tools': () => 'uno solo: strumenti più vecchi non ne accettano altri',
    'spid-attribute': () => 'un attributo dell’elenco di SPID',
    'italian-and-once': () => 'l’italiano, e ogni lingua una volta sola',
    'same-languages': (of) => `le stesse lingue di OrganizationName: ${of}`,
    'trimmed-text': () => 'un testo, senza spazi prima e dopo',
    'one-contact': () => 'uno solo, senza spid:entityType',
    'two-contacts': () =>
      'due, in quest’ordine: spid:entityType="spid:aggregator" e spid:entityType="spid:aggregated"',
    'plain-email': () => 'un indirizzo e-mail di sole lettere, cifre, «.», «_» e «-»',
    telephone: () => 'solo cifre, senza spazi',
    'italian-telephone': () => '+39 seguito dal numero',
    company: (of) => `lo stesso nome di OrganizationName, lettera per lettera: ${of}`,
    'validation-key': () => 'uno con use="spid:validation" e il certificato dell’aggregatore',
    'ipa-code': () => 'il codice IPA dell’ente: da 1 a 16 lettere, cifre e . _ -',
    'vat-number': () => 'sigla del Paese e numero, senza spazi, come IT12345678903',
    'fiscal-code': () => '11 cifre (16 caratteri per una persona)',
    'some-code': () => 'codice IPA, partita IVA o codice fiscale',
    'real-body': () => 'il codice di un ente vero: questo serve solo al collaudo degli aggregatori',
    'kind-of-body': (of) => `${of}, e nessun altro del suo tipo`,
    'empty-element': () => 'un elemento vuoto, senza nemmeno uno spazio',
    'order-of-codes': () => 'IPACode, VATNumber, FiscalCode, poi il tipo di ente',

    'certificate-der': () => 'un certificato X.509',
    'certificate-key': () => 'una chiave RSA di 2048, 3072 o 4096 bit',
    'certificate-hash': () => 'RSA con SHA-256 o SHA-512',
    'certificate-serial': () => 'un numero positivo',
    'certificate-value': (of) => (of === 'one value' ? 'un valore' : of),
    'certificate-identifier': () => 'PA:IT- seguito da 1 a 16 caratteri senza spazi',
    'certificate-absent': () => 'niente',
    'certificate-one-per-name': () => 'un attributo per ciascun nome relativo (RDN)',
    'certificate-present': () => 'dev’esserci',
    'certificate-not-critical': () => 'non critica',
    'certificate-no-authority': () => 'non un’autorità di certificazione',
    'certificate-critical': () => 'presente e critica',
    'certificate-usage': () => 'digitalSignature e nonRepudiation, nient’altro',
    'certificate-policy': (of) => `le policy di AgID: ${of.replace(/^a list with /, '')}`,
    'certificate-period': () => 'un periodo di validità che comprende oggi',
  },
  rules: {
    M1: { about: 'Documento leggibile', next: IT.ourFault },
    M2: { about: 'Schema XML', next: IT.ourFault },
    M3: {
      about: 'Un documento, un ente',
      next: 'Controlla il documento giusto: dev’essere di un solo fornitore di servizi, non un elenco.',
    },
    M4: {
      about: 'entityID',
      next: 'Fai correggere entityId nella dichiarazione dell’ente, prima del primo invio ad AgID: dopo non si può più cambiare.',
    },
    M5: { about: 'Nessuna scadenza', next: IT.ourFault },
    M6: { about: 'Parti del documento', next: IT.ourFault },
    M7: {
      about: 'Firma del documento',
      next: 'Rifai la bozza. Un documento sigillato non si modifica a mano: la firma non torna più.',
    },
    M8: { about: 'Certificato della firma', next: IT.certificate },
    M9: {
      about: 'Codice di attività nell’entityID',
      next: 'Fai correggere entityId: /pub-ag-full/ o /pub-ag-lite/ per chi partecipa attraverso un aggregatore, nessuno dei due per gli altri.',
    },
    M10: { about: 'Protocollo e firme promesse', next: IT.ourFault },
    M11: { about: 'Chiavi pubblicate', next: IT.certificate },
    M12: {
      about: 'Indirizzo di uscita',
      next: 'Fai correggere l’indirizzo pubblico del gateway (publicUrl): https, senza porta. Poi rifai la bozza.',
    },
    M13: { about: 'Formato del NameID', next: IT.ourFault },
    M14: {
      about: 'Indirizzo delle risposte',
      next: 'Fai correggere l’indirizzo pubblico del gateway (publicUrl): https, senza porta. Poi rifai la bozza.',
    },
    M15: { about: 'Indirizzo predefinito delle risposte', next: IT.ourFault },
    M16: {
      about: 'Indirizzi di uno stesso sito',
      next: 'Meglio che entityID e indirizzo pubblico del gateway (publicUrl) siano sullo stesso nome di sito. Se è voluto, non serve fare niente.',
    },
    M17: {
      about: 'Indici degli insiemi di attributi',
      next: IT.declaration('gli insiemi di attributi (attributeSets)'),
    },
    M18: {
      about: 'Indici riservati',
      next: `${IT.declaration('l’indice dell’insieme di attributi')} Gli indici da 0 a 30 sono liberi.`,
    },
    M19: { about: 'Nome degli insiemi', next: IT.declaration('il nome dell’insieme di attributi (name)') },
    M20: { about: 'Attributi richiesti', next: IT.declaration('gli attributi dell’insieme (attributes)') },
    M21: {
      about: 'Lingue dei nomi dell’ente',
      next: IT.declaration('nome, nome breve e sito (organization), in italiano e nelle stesse lingue'),
    },
    M22: {
      about: 'Nomi e sito dell’ente',
      next: IT.declaration('nome, nome breve e sito (organization)'),
    },
    M23: { about: 'Contatti', next: IT.ourFault },
    M24: { about: 'Contenuto dei contatti', next: IT.declaration('il contatto (contact)') },
    M25: {
      about: 'Posta elettronica del contatto',
      next: IT.declaration('l’indirizzo e-mail (contact.email), di un ufficio e non di una persona,'),
    },
    M26: { about: 'Telefono del contatto', next: IT.declaration('il telefono (contact.telephone)') },
    M27: {
      about: 'Codici dell’ente',
      next: `${IT.declaration('codice IPA, partita IVA o codice fiscale (contact)')} Il codice IPA si trova su indicepa.gov.it.`,
    },
    M28: { about: 'Tipo di ente', next: IT.ourFault },
    M29: { about: 'Ordine dei codici', next: IT.ourFault },
    M30: {
      about: 'Nome dell’ente nel contatto',
      next: IT.declaration('il nome (organization.name): maiuscole e accenti compresi,'),
    },
    M31: {
      about: 'Chiave dell’aggregatore',
      next: 'Aggiungi nel blocco dell’aggregatore la sua chiave di validazione: senza, AgID non accetta la variante light.',
    },
    M32: {
      about: 'Contenuto del certificato',
      next: `Se il nome o il codice dell’ente sono sbagliati, falli correggere prima. ${IT.certificate}`,
    },
  },
};

const EN = {
  ourFault:
    'Nothing that was declared causes this: make the draft anew and, if it stays, tell whoever runs the gateway.',
  declaration: (what: string) =>
    `Have ${what} corrected in the declaration of the body (configuration file or entity save), then make the draft anew.`,
  certificate:
    'Have a new key made with its certificate (cert create), then make the draft anew. The old certificate cannot be corrected.',
};

const en: Texts = {
  phrases: {
    text: (of) => of,
    nothing: () => 'nothing',
    present: () => 'present',
    content: () => 'content',
    twice: (of) => `${of} twice`,
    'before-document': () => 'something before the first "<"',
    'xml-too-large': () => 'a document that is too large',
    'xml-encoding': () => 'a document that is not in UTF-8',
    'xml-doctype': () => 'a document type declaration',
    'xml-processing-instruction': () => 'a processing instruction',
    'xml-comment': () => 'a comment',
    'xml-malformed': () => 'what is not well-formed XML',
    schema: (of) => of,
    signatures: (of) => `${of} signatures`,
    'signature-not-first': () => 'a signature that is not the first child',
    'signature-form': (of) => of,
    'signature-without-certificate': () => 'no certificate that can be read',
    'signature-wrong': () => 'a signature that does not verify',
    'weak-key': () => 'a weak key',
    expired: (of) => `a certificate that expired on ${of}`,
    'no-signing-key': () => 'none for signing',
    'encryption-key': () => 'one for encryption',
    'same-address': () => 'one address twice',
    critical: () => 'critical',
    'not-critical': () => 'not critical',
    unreadable: () => 'bytes that cannot be read',
    'several-in-one-name': () => 'several attributes in one name',
    period: (of) => of,

    'plain-xml': () => 'plain XML in UTF-8, without comments',
    'nothing-before-document': () => 'no blank, line or mark before the document',
    'schema-valid': () => 'what the metadata schema allows',
    'each-once': () => 'each once',
    'one-body': () => 'one md:EntityDescriptor: one document, one body',
    'service-provider': () => 'the metadata of a service provider, with exactly one SPSSODescriptor',
    'only-service-provider': () => 'no role besides SPSSODescriptor',
    'absolute-address': () => 'an absolute URL of at most 1024 characters, without blanks around it',
    'bare-address': () => 'a URL without query, fragment and user name',
    'https-address': () => 'an https URL',
    'web-address': () => 'an absolute http(s) URL',
    'no-port': () => 'a URL without port',
    'no-validity': () => 'none: the copies that providers hold would expire',
    exactly: (of) => `exactly ${of}`,
    between: (of) => of.replace('–', ' to '),
    'at-least-one': () => 'at least one',
    'at-most-one': () => 'at most one',
    'own-signature': () =>
      'one enveloped signature of the EntityDescriptor, its first child, that verifies with the certificate in it',
    'rsa-2048': () => 'RSA of at least 2048 bits',
    'valid-certificate': () => 'a valid one',
    'activity-code': (of) => `${of} as a segment of its path`,
    'no-activity-code': () =>
      'no activity code of an aggregator: this is the metadata of an ordinary service provider',
    'signing-key': () => 'at least one with use="signing"',
    'no-encryption-key': () => 'none: assertions are not encrypted',
    certificate: () => 'a certificate: DER in base64',
    'first-is-default': () => 'index="0" isDefault="true" on the first',
    'only-first-is-default': () => 'isDefault on the first only',
    'own-host': (of) => `an address on ${of}, the host of the entityID`,
    index: () => '0 to 65535',
    'own-index': () => 'an index no other has',
    'attribute-set': () => 'at least one attribute set',
    'one-default-set': () => 'at most one; better none',
    'not-77': () => 'another: 77 is reserved for signatures (art. 20 CAD)',
    'eidas-set': (of) => `"${of}": reserved for eIDAS`,
    'italian-name': () => 'one with xml:lang="it"',
    'one-for-older-tools': () => 'one only: older tools take no more',
    'spid-attribute': () => "a name of SPID's list of attributes",
    'italian-and-once': () => 'it, and each language once',
    'same-languages': (of) => `the languages of OrganizationName: ${of}`,
    'trimmed-text': () => 'a text, without blanks around it',
    'one-contact': () => 'exactly one, without spid:entityType',
    'two-contacts': () =>
      'exactly two, in this order: spid:entityType="spid:aggregator", spid:entityType="spid:aggregated"',
    'plain-email': () => 'a plain e-mail address of letters, digits, ".", "_" and "-"',
    telephone: () => 'digits without blanks',
    'italian-telephone': () => '+39 and the number',
    company: (of) => `OrganizationName, character for character: ${of}`,
    'validation-key': () => 'one with use="spid:validation" and the certificate of the aggregator',
    'ipa-code': () => 'the code of the body in IPA: 1 to 16 letters, digits and . _ -',
    'vat-number': () => 'country code and number without blanks, such as IT12345678903',
    'fiscal-code': () => '11 digits (16 characters for a person)',
    'some-code': () => 'IPACode, VATNumber or FiscalCode',
    'real-body': () => 'the code of a real body; this one is for the acceptance tests of an aggregator only',
    'kind-of-body': (of) => `${of}, and no other of its kind`,
    'empty-element': () => 'an empty element, without so much as a blank',
    'order-of-codes': () => 'IPACode, VATNumber, FiscalCode, then what the body is',

    'certificate-der': (of) => of,
    'certificate-key': (of) => of,
    'certificate-hash': (of) => of,
    'certificate-serial': (of) => of,
    'certificate-value': (of) => of,
    'certificate-identifier': (of) => of,
    'certificate-absent': (of) => of,
    'certificate-one-per-name': (of) => of,
    'certificate-present': (of) => of,
    'certificate-not-critical': (of) => of,
    'certificate-no-authority': (of) => of,
    'certificate-critical': (of) => of,
    'certificate-usage': (of) => of,
    'certificate-policy': (of) => of,
    'certificate-period': (of) => of,
  },
  rules: {
    M1: { about: 'A document that can be read', next: EN.ourFault },
    M2: { about: 'XML schema', next: EN.ourFault },
    M3: {
      about: 'One document, one body',
      next: 'Check the right document: it has to be of one service provider, not a list.',
    },
    M4: {
      about: 'entityID',
      next: 'Have entityId corrected in the declaration of the body before anything is sent to AgID: afterwards it cannot be changed.',
    },
    M5: { about: 'No end of validity', next: EN.ourFault },
    M6: { about: 'Parts of the document', next: EN.ourFault },
    M7: {
      about: 'Signature of the document',
      next: 'Make the draft anew. What was sealed is not changed by hand: its signature would verify no more.',
    },
    M8: { about: 'Certificate of the signature', next: EN.certificate },
    M9: {
      about: 'Activity code in the entityID',
      next: 'Have entityId corrected: /pub-ag-full/ or /pub-ag-lite/ for who takes part through an aggregator, neither for others.',
    },
    M10: { about: 'Protocol and promised signatures', next: EN.ourFault },
    M11: { about: 'Published keys', next: EN.certificate },
    M12: {
      about: 'Address for leaving',
      next: 'Have the public address of the gateway corrected (publicUrl): https, without port. Then make the draft anew.',
    },
    M13: { about: 'Format of the NameID', next: EN.ourFault },
    M14: {
      about: 'Address of answers',
      next: 'Have the public address of the gateway corrected (publicUrl): https, without port. Then make the draft anew.',
    },
    M15: { about: 'Default address of answers', next: EN.ourFault },
    M16: {
      about: 'Addresses of one site',
      next: 'The entityID and the public address of the gateway (publicUrl) are best on the same host. If it is meant so, nothing is to be done.',
    },
    M17: {
      about: 'Indexes of attribute sets',
      next: EN.declaration('the attribute sets (attributeSets)'),
    },
    M18: {
      about: 'Reserved indexes',
      next: `${EN.declaration('the index of the attribute set')} Indexes from 0 to 30 are free.`,
    },
    M19: { about: 'Names of attribute sets', next: EN.declaration('the name of the attribute set (name)') },
    M20: { about: 'Requested attributes', next: EN.declaration('the attributes of the set (attributes)') },
    M21: {
      about: 'Languages of the names of the body',
      next: EN.declaration('name, short name and site (organization), in Italian and in the same languages,'),
    },
    M22: {
      about: 'Names and site of the body',
      next: EN.declaration('name, short name and site (organization)'),
    },
    M23: { about: 'Contacts', next: EN.ourFault },
    M24: { about: 'What contacts hold', next: EN.declaration('the contact (contact)') },
    M25: {
      about: 'E-mail of the contact',
      next: EN.declaration('the e-mail address (contact.email), of an office and not of a person,'),
    },
    M26: { about: 'Telephone of the contact', next: EN.declaration('the telephone (contact.telephone)') },
    M27: {
      about: 'Codes of the body',
      next: `${EN.declaration('IPA code, VAT number or fiscal code (contact)')} The IPA code is on indicepa.gov.it.`,
    },
    M28: { about: 'Kind of body', next: EN.ourFault },
    M29: { about: 'Order of the codes', next: EN.ourFault },
    M30: {
      about: 'Name of the body in the contact',
      next: EN.declaration('the name (organization.name), capitals and accents included,'),
    },
    M31: {
      about: 'Key of the aggregator',
      next: 'Add the validation key of the aggregator to its block: without it AgID does not take the light variant.',
    },
    M32: {
      about: 'What the certificate says',
      next: `If the name or the code of the body is wrong, have that corrected first. ${EN.certificate}`,
    },
  },
};

const TEXTS: Readonly<Record<Language, Texts>> = { it, en };

/** A finding in the words of a language. */
export interface WordedFinding {
  readonly id: MetadataRuleId;
  readonly rule: string;
  readonly severity: MetadataFinding['severity'];
  readonly at: string;
  readonly found: string;
  readonly allowed: string;
}

/** The same report with its findings in the words of a language. */
export function wordedReport<R extends { readonly findings: readonly MetadataFinding[] }>(
  language: Language,
  report: R,
): Omit<R, 'findings'> & { readonly findings: readonly WordedFinding[] } {
  return { ...report, findings: report.findings.map((finding) => worded(language, finding)) };
}

export function worded(
  language: Language,
  { found, allowed, id, rule, severity, at }: MetadataFinding,
): WordedFinding {
  const { phrases } = TEXTS[language];
  const said = ([phrase, of = '']: MetadataFinding['found']) => phrases[phrase](of);
  return { id, rule, severity, at, found: said(found), allowed: said(allowed) };
}

/** What a rule is about, and what to do where it is broken. */
export function aboutRule(language: Language, id: MetadataRuleId): Rules[MetadataRuleId] {
  return TEXTS[language].rules[id];
}
