import type { Purpose } from '../../clients/policy.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import type { Level } from '../../identity/level.ts';
import type { ProblemReason, ProblemText, ProblemVariables } from './problem-text.ts';

const attributes: Readonly<Record<AttributeName, string>> = {
  spidCode: 'Codice identificativo SPID',
  name: 'Nome',
  familyName: 'Cognome',
  placeOfBirth: 'Luogo di nascita',
  countyOfBirth: 'Provincia di nascita',
  dateOfBirth: 'Data di nascita',
  gender: 'Sesso',
  fiscalNumber: 'Codice fiscale',
  idCard: "Documento d'identità",
  companyName: 'Ragione sociale',
  registeredOffice: 'Sede legale',
  ivaCode: 'Partita IVA',
  companyFiscalNumber: "Codice fiscale dell'impresa",
  mobilePhone: 'Numero di cellulare',
  email: 'Indirizzo e-mail',
  digitalAddress: 'Domicilio digitale (PEC)',
  address: 'Indirizzo del domicilio',
  domicileStreetAddress: 'Via e numero civico',
  domicilePostalCode: 'CAP',
  domicileMunicipality: 'Comune di domicilio',
  domicileProvince: 'Provincia di domicilio',
  domicileNation: 'Stato di domicilio',
  expirationDate: "Scadenza dell'identità SPID",
};

const levels: Readonly<Record<Level, string>> = {
  1: 'livello 1: nome utente e password',
  2: 'livello 2: password e un codice, o la conferma nell’app',
  3: 'livello 3: la tua identità più sicura, con certificato',
};

/** The kinds of SPID identity by what services ask for (AgID notice 18 v2). */
const kinds: Readonly<Record<Purpose | 'none', string>> = {
  none: 'la tua identità personale, non con quella professionale o di un’impresa',
  P: 'un’identità a uso professionale: la tua, o quella che hai per conto di un’impresa o di un ente',
  LP: 'l’identità della tua impresa o del tuo ente',
  PG: 'l’identità a uso professionale che hai per conto della tua impresa o del tuo ente',
  PF: 'la tua identità a uso professionale, non con quella personale o di un’impresa',
  PX: 'un’identità a uso professionale o quella della tua impresa, non con quella personale',
};

const problems: Readonly<Record<ProblemReason, ProblemText>> = {
  rejected: {
    title: 'Accesso non riuscito',
    happened: () =>
      'La risposta del tuo gestore di identità non ha superato i nostri controlli di sicurezza.',
    next: () => 'Riprova. Se succede ancora, contatta l’assistenza indicando il codice qui sotto.',
  },
  'no-answer': {
    title: 'Ricomincia dal servizio',
    happened: () =>
      'Questo indirizzo serve al tuo gestore di identità per riportarti qui: aperto da solo non porta da nessuna parte.',
    next: () => 'Torna al servizio che volevi usare e premi di nuovo Accedi.',
  },
  unsolicited: {
    title: 'Ricomincia dal servizio',
    happened: () =>
      'È arrivata una risposta di accesso che non risulta richiesta da qui, oppure richiesta molto tempo fa.',
    next: () => 'Torna al servizio che volevi usare e premi di nuovo Accedi.',
  },
  expired: {
    title: 'È passato troppo tempo',
    happened: () => 'La richiesta di accesso è scaduta prima che arrivasse la risposta.',
    next: () => 'Puoi ricominciare quando vuoi: non hai perso nulla.',
  },
  'already-used': {
    title: 'Questo accesso è già stato usato',
    happened: () =>
      'La stessa risposta è arrivata due volte: succede tornando indietro o ricaricando la pagina.',
    next: () => 'Se eri già entrato, torna al servizio. Altrimenti ricomincia l’accesso.',
  },
  unreachable: {
    title: 'Il gestore non risponde',
    happened: () => 'Il gestore SPID scelto non è raggiungibile in questo momento.',
    next: () => 'Riprova tra qualche minuto, oppure usa un’altra identità se ne hai una.',
  },
  'provider-fault': {
    title: 'Il gestore ha avuto un problema',
    happened: () => 'Il gestore SPID ha avuto un problema tecnico mentre ti riconosceva.',
    next: () => 'Riprova più tardi, oppure usa un’altra identità se ne hai una.',
  },
  'switched-off': {
    title: 'Gestore momentaneamente sospeso',
    happened: () => 'Mentre eri sul suo sito abbiamo sospeso gli accessi con il gestore che hai scelto.',
    next: () => 'Usa un’altra identità se ne hai una, oppure riprova più tardi.',
  },
  'our-fault': {
    title: "C'è un problema tecnico nostro",
    happened: () =>
      'Non dipende da te: la nostra richiesta non è stata accettata. I tecnici sono stati avvisati.',
    next: () => 'Riprova più tardi. Se hai fretta, scrivi all’assistenza indicando il codice qui sotto.',
  },
  'not-started': {
    title: "L'accesso non è partito bene",
    happened: () => 'Il gestore SPID non ha potuto prendere in carico la richiesta.',
    next: ({ again }: ProblemVariables) =>
      again
        ? 'Riprova una volta. Se succede ancora, contatta l’assistenza indicando il codice qui sotto.'
        : 'Contatta l’assistenza indicando il codice qui sotto, oppure usa un’altra identità se ne hai una.',
  },
  'wrong-credentials': {
    title: 'Credenziali non corrette',
    happened: () =>
      'Nome utente o password erano sbagliati, e il gestore ha interrotto l’accesso dopo più tentativi.',
    next: () => 'Controllali e riprova. Se li hai dimenticati, puoi recuperarli sul sito del tuo gestore.',
  },
  'level-not-held': {
    title: 'Serve un livello SPID più alto',
    happened: ({ service, level }: ProblemVariables) =>
      `Per ${service} serve un’identità SPID di livello ${level}, che la tua non ha ancora.`,
    next: () => 'Chiedi al tuo gestore come attivarlo, poi riprova.',
  },
  'timed-out': {
    title: 'Tempo scaduto',
    happened: () => 'È passato troppo tempo sulla pagina del gestore e l’accesso è scaduto.',
    next: () => 'Puoi ricominciare quando vuoi.',
  },
  'consent-refused': {
    title: 'Non hai dato il consenso',
    happened: () => 'Non hai acconsentito a inviare i tuoi dati, quindi l’accesso non è avvenuto.',
    next: ({ service }: ProblemVariables) =>
      `Per entrare in ${service} il consenso è necessario: se vuoi, riprova.`,
  },
  'identity-suspended': {
    title: 'Identità sospesa o bloccata',
    happened: () => 'La tua identità SPID è sospesa o revocata, oppure le credenziali sono bloccate.',
    next: () => 'Rivolgiti al tuo gestore di identità. Intanto puoi usare un’altra identità, se ne hai una.',
  },
  'too-many': {
    title: 'Troppe richieste',
    happened: () => 'Da questa rete sono arrivate troppe richieste in poco tempo.',
    next: () => 'Aspetta un minuto e riprova: non hai perso nulla.',
  },
  'age-not-allowed': {
    title: 'Questo servizio è riservato ad altre età',
    happened: ({ service }: ProblemVariables) =>
      `${service} è aperto solo a chi ha un’età stabilita, e la tua non rientra.`,
    next: () =>
      'La tua data di nascita non è stata comunicata al servizio. Se è un errore, contatta l’assistenza.',
  },
  cancelled: {
    title: 'Hai annullato l’accesso',
    happened: () => 'L’accesso è stato interrotto su tua richiesta.',
    next: () => 'Se non volevi farlo, riprova.',
  },
  'not-completed': {
    title: 'Accesso non completato',
    happened: () => 'Il gestore SPID ha interrotto l’accesso prima della fine.',
    next: () => 'Puoi riprovare.',
  },
  'wrong-identity-kind': {
    title: 'Serve un altro tipo di identità',
    happened: ({ service }: ProblemVariables) =>
      `Hai usato un tipo di identità SPID diverso da quello che ${service} accetta.`,
    next: ({ purpose }: ProblemVariables) => `Riprova con ${purpose ? kinds[purpose] : kinds.none}.`,
  },
  'attributes-missing': {
    title: 'Mancano dei dati',
    happened: ({ service }: ProblemVariables) =>
      `Il gestore non ha inviato tutti i dati senza i quali ${service} non può funzionare.`,
    next: () => 'Controlla il tuo profilo sul sito del gestore e riprova, oppure usa un’altra identità.',
  },
  unknown: {
    title: 'Accesso non riuscito',
    happened: () => 'Non è stato possibile completare l’accesso con SPID.',
    next: () =>
      'Puoi riprovare. Se il problema continua, contatta l’assistenza indicando il codice qui sotto.',
  },
  'login-unknown': {
    title: 'Accesso scaduto o iniziato altrove',
    happened: () =>
      'Questo accesso è scaduto, oppure è stato iniziato in un altro browser o in un’altra app, oppure il browser rifiuta i cookie.',
    next: () =>
      'Continua nel browser in cui hai iniziato, oppure torna al servizio e ricomincia. Se succede ancora, consenti i cookie per questo sito nelle impostazioni del browser.',
  },
  'login-over': {
    title: 'Hai già completato questo accesso',
    happened: () => 'Sei tornato indietro a una pagina che non serve più.',
    next: () => 'Torna al servizio: se non ti riconosce, premi di nuovo Accedi.',
  },
  'not-found': {
    title: 'Pagina non trovata',
    happened: () => 'Questa pagina non esiste, o non esiste più.',
    next: () => 'Torna al servizio che volevi usare.',
  },
  'bad-request': {
    title: 'Richiesta non valida',
    happened: () => 'Quello che è arrivato non è una richiesta che possiamo accettare.',
    next: () =>
      'Torna al servizio e ricomincia. Se succede ancora, contatta l’assistenza indicando il codice qui sotto.',
  },
  'too-large': {
    title: 'Hai inviato troppo testo',
    happened: () =>
      'Il modulo contiene più di quanto possiamo ricevere in una volta. Non è stato salvato nulla.',
    next: () =>
      'Torna indietro con il browser: quello che hai scritto c’è ancora. Accorcia i testi o togli quello che non serve, e invia di nuovo. Per dati molto lunghi gli amministratori possono usare l’API o la riga di comando.',
  },
  'client-fault': {
    title: 'Il servizio ha inviato una richiesta non valida',
    happened: () =>
      'C’è un errore nel collegamento fra il servizio e questo sistema di accesso. Non dipende da te.',
    next: () => 'Avvisa il servizio da cui arrivi, indicando il codice qui sotto.',
  },
  internal: {
    title: 'Qualcosa non ha funzionato',
    happened: () => 'C’è un problema tecnico nostro, non dipende da te.',
    next: () =>
      'Riprova tra qualche minuto. Se continua, contatta l’assistenza indicando il codice qui sotto.',
  },
};

export const it = {
  layout: {
    skip: 'Vai al contenuto',
    otherLanguage: 'English',
    footer: 'Collegamenti utili',
    privacy: 'Informativa privacy',
    accessibility: 'Dichiarazione di accessibilità',
    support: 'Assistenza',
  },
  attributes,
  levels,
  choose: {
    title: (service: string) => `Entra in ${service}`,
    entity: (entity: string) => `Servizio offerto da: ${entity}`,
    providers: 'Entra con SPID',
    providersHint: 'Scegli il gestore della tua identità digitale. L’ordine è casuale.',
    released: 'Il servizio riceverà questi dati',
    releasedWhy: 'Perché li chiede',
    pseudonym: 'Il servizio non saprà chi sei',
    releasedNone:
      'Al servizio non sarà inviato nessun dato personale: riceverà solo un codice che non dice chi sei.',
    level: (level: string) => `Per entrare serve SPID di ${level}.`,
    needHelp: 'Serve aiuto?',
    noSpid: 'Non hai SPID?',
    moreInformation: 'Maggiori informazioni',
    back: 'Torna al servizio senza entrare',
    waiting: (provider: string) =>
      `Eri andato da ${provider} e non sei tornato con una risposta. Se il gestore non risponde, riprova tra qualche minuto o scegline un altro.`,
    /** After the name of a provider. */
    suspended: (since: string) => `l’accesso con questo gestore è sospeso dal ${since}.`,
    noProviders: 'In questo momento nessun gestore è disponibile. Riprova tra qualche minuto.',
  },
  depart: {
    title: 'Stai andando dal tuo gestore',
    text: (provider: string) => `Ti portiamo sul sito di ${provider}.`,
    button: (provider: string) => `Continua verso ${provider}`,
  },
  problem: {
    reference: 'Codice per l’assistenza',
    forDevelopers: 'Per chi sviluppa il servizio',
    retry: 'Riprova',
    otherIdentity: 'Usa un’altra identità',
    backToService: 'Torna al servizio',
    home: 'Vai all’elenco dei servizi',
    /** Stands for the name of the service where it is not known. */
    thisService: 'questo servizio',
    texts: problems,
  },
  logout: {
    title: 'Vuoi uscire?',
    text: (service: string | undefined) =>
      service ? `Hai chiesto di uscire da ${service}.` : 'Hai chiesto di uscire.',
    explain: 'Uscendo si chiude il tuo accesso a tutti i servizi che hai aperto da qui con questo browser.',
    leave: 'Esci da tutti i servizi',
    stay: 'Rimani',
    stayHint: 'Rimanendo si chiude soltanto il servizio da cui arrivi.',
  },
  home: {
    title: 'Accesso ai servizi online',
    text: 'Da qui si entra nei servizi con la propria identità digitale. Comincia dal servizio che vuoi usare.',
    services: 'Servizi collegati',
    none: 'Nessun servizio è ancora collegato.',
  },
};

/** What every language has to say: a text that is missing in another language does not compile. */
export type Messages = typeof it;
