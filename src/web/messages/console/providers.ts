import type { Language } from '../../../identity/language.ts';
import type { Change } from '../../../sources/spid/federation/changes.ts';
import type { Objection } from '../../../sources/spid/federation/guard.ts';

type Kind<K extends Objection['why']> = Extract<Objection, { readonly why: K }>;

const it = {
  federation: 'Da dove vengono i gestori',
  created: 'Elenco di AgID del',
  confirmed: 'Confermato l’ultima volta',
  never: 'mai',
  fromFiles: 'Dai file di metadata/idp, senza registro di AgID.',
  refresh: 'Aggiorna adesso',
  refreshTitle: 'Aggiornamento dei gestori',
  outcomes: {
    unchanged: 'Non è cambiato niente.',
    changed: 'L’elenco è cambiato.',
    refused: 'L’elenco nuovo non è affidabile: resta in uso quello di prima.',
    unreachable: 'Il registro non risponde: resta in uso l’elenco di prima.',
  },
  /** Why, by code; then what to do. */
  problems: {
    registry_unreachable:
      'L’indirizzo del registro non risponde. Se domani è ancora così, fai controllare che il server possa uscire verso registry.spid.gov.it.',
    registry_status:
      'Il registro ha risposto con un errore. Di solito passa da sé; se dura più di un giorno, chiedi ad AgID.',
    registry_too_large:
      'Il registro ha mandato molto più di un elenco. Fai controllare l’indirizzo (registry.url) e chiedi ad AgID.',
    metadata_signature:
      'L’elenco non è firmato con un certificato di AgID che il gateway conosce. Se AgID ha cambiato certificato, fatti dare da AgID la nuova impronta per una via sicura: una persona propone il certificato fra i «Certificati di AgID» e un’altra lo approva. Altrimenti non fidarti dell’elenco.',
    registry_pins_altered:
      'Ciò che è stato deciso sui certificati di AgID è stato alterato nella banca dati: nessun elenco nuovo viene creduto. Rivolgiti subito a chi gestisce il gateway.',
    invalid_xml:
      'Ciò che è arrivato non è un elenco leggibile. Di solito passa da sé; se dura più di un giorno, chiedi ad AgID.',
    registry_doubtful:
      'AgID l’ha firmato, ma qualcosa non torna. Prima di fare altro, chiedi ad AgID se l’elenco è giusto:',
    other: 'Il motivo è nel log (registry_refused). Rivolgiti a chi gestisce il gateway.',
  },
  objections: {
    empty: () => 'non contiene nessun gestore utilizzabile',
    older: () => 'è più vecchio di quello in uso',
    ahead: () => 'dice di essere stato fatto in una data futura (controlla anche l’orologio del server)',
    ended: () => 'ha passato la sua data di fine validità',
    missing: ({ missing, of }: Kind<'missing'>) =>
      `mancano ${missing.length} gestori su ${of}: ${missing.join(', ')}`,
    keyless: ({ provider }: Kind<'keyless'>) => `${provider} non ha più nessuna chiave per firmare`,
  },
  changes: {
    added: 'Gestore nuovo',
    removed: 'Gestore tolto',
    'key-added': 'Chiave nuova, con impronta',
    'key-removed': 'Chiave tolta, con impronta',
    endpoints: 'Indirizzi cambiati',
    name: 'Nome cambiato in',
  } satisfies Record<Change['change'], string>,
  stale: (since: string | undefined) =>
    since === undefined
      ? 'Il registro di AgID non ha mai confermato un elenco di gestori. Premi «Aggiorna adesso»: se non riesce, la pagina dice perché.'
      : `Il registro di AgID non conferma l’elenco dei gestori dal ${since}. Premi «Aggiorna adesso»: se non riesce, la pagina dice perché. Intanto resta in uso l’elenco di allora.`,
  unknownSigner: (fingerprint: string) =>
    `L’ultimo elenco è firmato con un certificato sconosciuto ed è stato rifiutato. La sua impronta: ${fingerprint}. Guarda i «Certificati di AgID».`,
  toSee: 'Da guardare',
  pins: 'Certificati di AgID',
  pinsWait: (count: number) => (count === 1 ? '1 proposta da approvare' : `${count} proposte da approvare`),
  list: 'Gestori di identità',
  provider: 'Gestore',
  state: 'Stato',
  inUse: 'in uso',
  offSince: 'disattivato dal',
  keys: 'Certificati fino al',
  noKeys: 'nessun certificato',
  over: 'scaduto',
  metadata: 'Dati del gestore',
  entityId: 'entityID',
  off: 'Disattiva questo gestore',
  offHint:
    'In pochi secondi, in ogni processo: non è più offerto, non partono richieste e le sue risposte non valgono. Chi sta entrando con lui deve ricominciare.',
  noticeIt: 'Avviso ai cittadini, in italiano',
  noticeEn: 'Avviso in inglese',
  noticeHint: 'Compare nella pagina di scelta, oltre alla data. Si può lasciare vuoto; fino a 300 caratteri.',
  noticeWrong: 'Al massimo 300 caratteri.',
  on: 'Rimetti in uso',
  changeNotice: 'Cambia l’avviso',
};

const en: typeof it = {
  federation: 'Where the providers come from',
  created: 'AgID’s list of',
  confirmed: 'Last confirmed',
  never: 'never',
  fromFiles: 'From the files in metadata/idp, without AgID’s registry.',
  refresh: 'Look now',
  refreshTitle: 'A look at the providers',
  outcomes: {
    unchanged: 'Nothing has changed.',
    changed: 'The list has changed.',
    refused: 'The new list is not to be trusted: the one before stays in use.',
    unreachable: 'The registry does not answer: the list before stays in use.',
  },
  problems: {
    registry_unreachable:
      'The address of the registry does not answer. If it is so tomorrow, have it checked that the server can reach registry.spid.gov.it.',
    registry_status:
      'The registry answered with an error. That usually passes; if it lasts more than a day, ask AgID.',
    registry_too_large:
      'The registry sent far more than a list. Have the address checked (registry.url), and ask AgID.',
    metadata_signature:
      'The list is not signed with a certificate of AgID’s that the gateway knows. If AgID changed its certificate, get the new fingerprint from AgID by a safe way: one person proposes the certificate among “AgID’s certificates” and another one approves it. Otherwise do not trust the list.',
    registry_pins_altered:
      'What was decided on AgID’s certificates was altered in the database: no new list is believed. Turn to whoever runs the gateway at once.',
    invalid_xml:
      'What came is no list that can be read. That usually passes; if it lasts more than a day, ask AgID.',
    registry_doubtful:
      'AgID signed it, but something is odd. Before anything else ask AgID whether the list is right:',
    other: 'The reason is in the log (registry_refused). Ask whoever runs the gateway.',
  },
  objections: {
    empty: () => 'it has no provider that can be used',
    older: () => 'it is older than the one in use',
    ahead: () => 'it says it was made at a date to come (check the clock of the server, too)',
    ended: () => 'its validity has ended',
    missing: ({ missing, of }) => `${missing.length} of ${of} providers are missing: ${missing.join(', ')}`,
    keyless: ({ provider }) => `${provider} has no key for signing any more`,
  },
  changes: {
    added: 'New provider',
    removed: 'Provider gone',
    'key-added': 'New key, fingerprint',
    'key-removed': 'Key gone, fingerprint',
    endpoints: 'Addresses changed',
    name: 'Name changed to',
  },
  stale: (since) =>
    since === undefined
      ? 'AgID’s registry has never confirmed a list of providers. Press "Look now": if it fails, the page says why.'
      : `AgID’s registry has not confirmed the list of providers since ${since}. Press "Look now": if it fails, the page says why. Meanwhile the list of then stays in use.`,
  unknownSigner: (fingerprint) =>
    `The last list is signed with an unknown certificate and was refused. Its fingerprint: ${fingerprint}. See “AgID’s certificates”.`,
  toSee: 'To be seen to',
  pins: 'AgID’s certificates',
  pinsWait: (count) => (count === 1 ? '1 proposal to approve' : `${count} proposals to approve`),
  list: 'Identity providers',
  provider: 'Provider',
  state: 'State',
  inUse: 'in use',
  offSince: 'off since',
  keys: 'Certificates until',
  noKeys: 'no certificate',
  over: 'over',
  metadata: 'About the provider',
  entityId: 'entityID',
  off: 'Switch this provider off',
  offHint:
    'Within seconds, in every process: it is offered no more, no requests leave and its answers do not count. Whoever is entering with it has to start again.',
  noticeIt: 'Notice to citizens, in Italian',
  noticeEn: 'Notice in English',
  noticeHint: 'Shown on the choice page besides the date. May be left empty; up to 300 characters.',
  noticeWrong: 'At most 300 characters.',
  on: 'Use it again',
  changeNotice: 'Change the notice',
};

/** An objection in words. */
export function objectionIn(language: Language, objection: Objection): string {
  const { objections } = providers[language];
  switch (objection.why) {
    case 'missing':
      return objections.missing(objection);
    case 'keyless':
      return objections.keyless(objection);
    case 'empty':
    case 'older':
    case 'ahead':
    case 'ended':
      return objections[objection.why]();
  }
}

/** Texts about identity providers. */
export const providers: Readonly<Record<Language, typeof it>> = { it, en };
