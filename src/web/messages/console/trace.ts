import type { Language } from '../../../identity/language.ts';

/** What happened, as entries of the register tell it. */
interface Told {
  readonly request: (request: string, provider: string, service: string, level: string) => string;
  readonly answer: (message: string, outcome: string, level: string) => string;
  readonly unanswered: (request: string) => string;
  readonly granted: (service: string, level: string) => string;
  readonly tokens: (service: string) => string;
  readonly released: (service: string, claims: string) => string;
  readonly loggedOut: string;
  readonly logoutAsked: (message: string, provider: string) => string;
  readonly logoutRequest: (message: string, outcome: string) => string;
  readonly logoutResponse: (message: string, outcome: string) => string;
  /** What a provider may say to ours besides that all is closed. */
  readonly logoutOutcomes: Readonly<Record<string, string>>;
  readonly destroyed: string;
  readonly accepted: string;
  readonly refused: (code: string) => string;
  readonly level: (level: number) => string;
  readonly withoutId: string;
}

export type CheckFamily = 'T' | 'C' | 'S' | 'R' | 'A';
export type AdvisedReason =
  | 'unreachable'
  | 'provider-fault'
  | 'our-fault'
  | 'not-started'
  | 'level-not-held'
  | 'identity-suspended'
  | 'wrong-identity-kind'
  | 'unknown';
export type CitizenAdvice =
  | 'away'
  | 'again'
  | 'again-new'
  | 'other-provider'
  | 'ask-provider'
  | 'personal'
  | 'not-allowed'
  | 'us'
  | 'nothing';

interface Texts {
  readonly label: string;
  readonly hint: string;
  readonly find: string;
  readonly wrong: string;
  readonly none: (reference: string) => string;
  readonly story: string;
  readonly toDo: string;
  readonly tellCitizen: string;
  readonly askAdministrators: string;
  readonly toldByEntries: string;
  readonly told: Told;
  readonly check: (id: string, rule: string) => string;
  readonly clock: string;
  readonly byFamily: Readonly<Record<CheckFamily, string>>;
  readonly byReason: Readonly<Record<AdvisedReason, string>>;
  readonly byCode: Readonly<
    Record<'unanswered' | 'identity_kind' | 'age_unknown' | 'age_not_allowed', string>
  >;
  readonly fine: string;
  readonly citizen: Readonly<Record<CitizenAdvice, string>>;
}

const it: Texts = {
  label: 'Codice di assistenza',
  hint: 'È sulla pagina che il cittadino ha visto, per esempio K7QF-3MZP. Ogni ricerca resta nel registro delle attività.',
  find: 'Cerca',
  wrong: 'Non è un codice di assistenza: sono otto lettere e cifre, per esempio K7QF-3MZP.',
  none: (reference) =>
    `Con il codice ${reference} non è registrato niente che tu possa vedere. Controlla lettere e cifre con il cittadino.`,
  story: 'Che cosa è successo',
  toDo: 'Che cosa fare',
  tellCitizen: 'Che cosa dire al cittadino',
  askAdministrators: 'Ciò che c’è da fare sul gateway spetta a chi lo amministra: digli questo codice.',
  toldByEntries: 'Non compaiono dati del cittadino: per quelli servono le regole del registro.',
  told: {
    request: (request, provider, service, level) =>
      `La richiesta ${request} è partita per ${provider}, per ${service}${level}`,
    answer: (message, outcome, level) => `La risposta ${message} è arrivata: ${outcome}${level}`,
    unanswered: (request) => `Alla richiesta ${request} nessuno ha risposto in tempo`,
    granted: (service, level) => `${service} ha ricevuto un codice${level}`,
    tokens: (service) => `${service} ha ricevuto un token`,
    released: (service, claims) => `${service} ha letto: ${claims}`,
    loggedOut: 'La sessione è stata chiusa',
    logoutAsked: (message, provider) => `A ${provider} è stato chiesto di chiudere la sessione (${message})`,
    logoutRequest: (message, outcome) => `Richiesta di uscita ${message}: ${outcome}`,
    logoutResponse: (message, outcome) => `Risposta all’uscita ${message}: ${outcome}`,
    logoutOutcomes: { partly: 'sessione chiusa solo in parte', refused: 'sessione non chiusa' },
    destroyed: 'Sono state distrutte voci il cui tempo di conservazione era finito',
    accepted: 'accettata',
    refused: (code) => `rifiutata (${code})`,
    level: (level) => `, livello ${level}`,
    withoutId: 'senza ID',
  },
  check: (id, rule) => `Controllo ${id}: ${rule}.`,
  clock: 'Guarda prima l’orologio di questa macchina.',
  byFamily: {
    T: 'Il messaggio non è come lo manda un gestore. Una volta: il cittadino riprova. Spesso: qualcuno sta provando qualcosa.',
    C: 'La risposta non corrisponde a una nostra richiesta: tardi, due volte o da un altro browser. Il cittadino ricomincia.',
    S: 'La firma non è risultata valida: aggiorna i gestori, potrebbe aver cambiato chiave; altrimenti avvisalo.',
    R: 'Il gestore ha risposto contro le regole: avvisalo, con gli ID qui sopra.',
    A: 'Il gestore ha risposto contro le regole: avvisalo, con gli ID qui sopra.',
  },
  byReason: {
    unreachable: 'Il gestore è fuori servizio: aspetta, oppure disattivalo con un avviso.',
    'provider-fault': 'Il gestore ha avuto un guasto: aspetta, oppure disattivalo con un avviso.',
    'our-fault':
      'Il gestore non ha accettato la nostra richiesta: potrebbe avere una vecchia versione dei metadati.',
    'not-started': 'Al gestore non è piaciuta l’ora della richiesta: guarda l’orologio di questa macchina.',
    'level-not-held': 'Il cittadino chiede il livello al suo gestore; qui non c’è niente che non va.',
    'identity-suspended': 'Il cittadino chiede al suo gestore; qui non c’è niente che non va.',
    'wrong-identity-kind':
      'Il cittadino riprova con la sua identità personale; qui non c’è niente che non va.',
    unknown: 'Il gestore ha mandato un errore che non è in nessuna tabella: avvisalo, con gli ID qui sopra.',
  },
  byCode: {
    unanswered:
      'Il cittadino non è tornato dal gestore: ha rinunciato, oppure il gestore ha mostrato un errore.',
    identity_kind: 'L’identità non è del tipo che il servizio ammette; qui non c’è niente che non va.',
    age_unknown: 'Il servizio chiede l’età, ma il gestore non ha dato la data di nascita.',
    age_not_allowed: 'Il servizio non è per chi ha questa età; qui non c’è niente che non va.',
  },
  fine: 'Il cittadino può riprovare; qui non c’è niente che non va.',
  citizen: {
    away: 'Non risulta ancora il suo ritorno dal gestore: completi l’accesso lì, oppure torni al servizio e ricominci.',
    again: 'Riprovi: di solito la seconda volta riesce.',
    'again-new': 'Torni alla pagina del servizio e ricominci da lì, in una sola scheda.',
    'other-provider':
      'Il suo gestore ha un problema. Riprovi più tardi o, se ha un’altra identità, usi quella.',
    'ask-provider': 'Chieda al suo gestore di identità: può aiutarla solo lui.',
    personal: 'Riprovi con la sua identità personale SPID.',
    'not-allowed': 'Il servizio non è aperto a chi ha la sua età: chieda all’ufficio che lo offre.',
    us: 'Il problema è nostro e lo stiamo seguendo: riprovi più tardi. I suoi dati sono al sicuro.',
    nothing: 'L’accesso è riuscito. Se il servizio non si apre, chieda a chi lo gestisce.',
  },
};

const AGAINST_THE_RULES = 'The provider answered against the rules: tell it, with the IDs above.';

const en: Texts = {
  label: 'Support code',
  hint: 'It is on the page that the citizen saw, such as K7QF-3MZP. Every search is kept in the audit trail.',
  find: 'Search',
  wrong: 'This is no support code: it has eight letters and digits, such as K7QF-3MZP.',
  none: (reference) =>
    `Nothing that you may see is registered under ${reference}. Go through letters and digits with the citizen.`,
  story: 'What happened',
  toDo: 'What to do',
  tellCitizen: 'What to tell the citizen',
  askAdministrators: 'What is to be done at the gateway is for its administrators: give them this code.',
  toldByEntries: 'No data of the citizen are shown: those are under the rules of the register.',
  told: {
    request: (request, provider, service, level) =>
      `request ${request} left for ${provider}, for ${service}${level}`,
    answer: (message, outcome, level) => `answer ${message} ${outcome}${level}`,
    unanswered: (request) => `request ${request} was not answered in time`,
    granted: (service, level) => `${service} got a code${level}`,
    tokens: (service) => `${service} got a token`,
    released: (service, claims) => `${service} read ${claims}`,
    loggedOut: 'the session was closed',
    logoutAsked: (message, provider) => `${provider} was asked to close the session (${message})`,
    logoutRequest: (message, outcome) => `logout request ${message} ${outcome}`,
    logoutResponse: (message, outcome) => `logout response ${message} ${outcome}`,
    logoutOutcomes: { partly: '– session closed in part only', refused: '– session not closed' },
    destroyed: 'entries were destroyed whose time of retention was over',
    accepted: 'accepted',
    refused: (code) => `refused (${code})`,
    level: (level) => `, level ${level}`,
    withoutId: 'without ID',
  },
  check: (id, rule) => `check ${id}: ${rule}.`,
  clock: 'Look at the clock of this machine first.',
  byFamily: {
    T: 'The message was not what a provider sends. Once: the citizen tries again. Often: somebody is trying things.',
    C: 'The answer did not fit a request of ours: late, twice, or of another browser. The citizen starts again.',
    S: 'The signature did not verify: run "providers refresh", the provider may have changed its key; else tell it.',
    R: AGAINST_THE_RULES,
    A: AGAINST_THE_RULES,
  },
  byReason: {
    unreachable: 'The provider is out of order: wait, or "providers disable" with a notice.',
    'provider-fault': 'The provider had a fault: wait, or "providers disable" with a notice.',
    'our-fault': 'The provider did not accept our request: it may have an old version of our metadata.',
    'not-started': 'The provider did not like when the request was made: look at the clock of this machine.',
    'level-not-held': 'The citizen asks her provider for the level; nothing is wrong here.',
    'identity-suspended': 'The citizen asks her provider; nothing is wrong here.',
    'wrong-identity-kind': 'The citizen tries again with her personal identity; nothing is wrong here.',
    unknown: 'The provider sent an error that is in no table: tell it, with the IDs above.',
  },
  byCode: {
    unanswered: 'The citizen did not come back from the provider: she gave up, or it showed an error.',
    identity_kind: 'The identity is not of a kind that the service admits; nothing is wrong here.',
    age_unknown: 'The service asks for the age, but the provider gave no date of birth.',
    age_not_allowed: 'The service is not for people of this age; nothing is wrong here.',
  },
  fine: 'The citizen can try again; nothing is wrong here.',
  citizen: {
    away: 'You have not come back from your provider yet: finish there, or go back to the service and start again.',
    again: 'Please try again: the second time usually works.',
    'again-new': 'Please go back to the page of the service and start from there, in one tab only.',
    'other-provider': 'Your provider has a problem. Try later or, if you have another identity, use that.',
    'ask-provider': 'Please ask your identity provider: only they can help.',
    personal: 'Please try again with your personal SPID identity.',
    'not-allowed': 'The service is not open to people of your age: ask the office that offers it.',
    us: 'The problem is ours and we are at it: please try later. Your data are safe.',
    nothing: 'The login succeeded. If the service does not open, ask those who run it.',
  },
};

/** Texts of the search by support code, on the page and on the command line. */
export const trace: Readonly<Record<Language, Texts>> = { it, en };
