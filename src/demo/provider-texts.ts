import type { Language } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';

/** What a citizen can do wrong at a provider, by AgID's number (spid-response-validation, 6.1). */
export const USER_ANOMALIES = [19, 20, 21, 22, 23, 25, 30] as const;

type UserAnomaly = (typeof USER_ANOMALIES)[number];

/** What the provider says to citizens. */
export interface ProviderTexts {
  readonly home: string;
  readonly who: string;
  readonly asks: (organization: string, level: string) => string;
  readonly wrong: string;
  readonly anomalies: Readonly<Record<UserAnomaly, string>>;
  readonly consent: string;
  readonly known: (user: string) => string;
  readonly notMe: string;
  readonly sent: (organization: string) => string;
  readonly nothingSent: (organization: string) => string;
  readonly agree: (level: Level) => string;
  readonly disagree: string;
  readonly higher: string;
  readonly back: string;
  readonly backText: string;
  readonly goOn: string;
  readonly invalid: string;
  readonly anomaly: (nr: number, what: string) => string;
  readonly impossible: string;
  readonly over: string;
  readonly fault: string;
}

const it: ProviderTexts = {
  home: 'Un gestore di identità inventato, per provare gli accessi. Parti dal servizio.',
  who: 'Chi sei?',
  asks: (organization, level) => `${organization} chiede di sapere chi sei, con ${level}.`,
  wrong: 'Oppure qualcosa va storto',
  anomalies: {
    19: 'Sbaglia password troppe volte',
    20: 'Non avere il livello richiesto',
    21: 'Lascia scadere il tempo',
    22: 'Nega il consenso',
    23: 'Identità sospesa',
    25: 'Annulla',
    30: 'Identità di tipo sbagliato',
  },
  consent: 'Acconsenti?',
  known: (user) => `Ti abbiamo già riconosciuto come ${user}.`,
  notMe: 'Non sono io',
  sent: (organization) => `A ${organization} saranno inviati questi dati:`,
  nothingSent: (organization) => `A ${organization} non sarà inviato alcun dato.`,
  agree: (level) => `Acconsento (L${level})`,
  disagree: 'Non acconsento',
  higher: 'Oppure entra con un livello più alto di quello richiesto',
  back: 'Torni al servizio',
  backText: 'Se la pagina non prosegue da sola, premi il pulsante.',
  goOn: 'Continua',
  invalid: 'Richiesta non valida',
  anomaly: (nr, what) =>
    `Il servizio ha inviato una richiesta che non possiamo accettare. Anomalia ${nr}: ${what}.`,
  impossible: 'Non è possibile',
  over: 'Questa pagina è scaduta. Torna al servizio e ricomincia.',
  fault: 'Qualcosa non ha funzionato. Torna al servizio e riprova.',
};

const en: ProviderTexts = {
  home: 'An invented identity provider, for trying logins. Start from the service.',
  who: 'Who are you?',
  asks: (organization, level) => `${organization} asks who you are, with ${level}.`,
  wrong: 'Or something goes wrong',
  anomalies: {
    19: 'Get the password wrong too often',
    20: 'Do not have the level needed',
    21: 'Let the time run out',
    22: 'Refuse consent',
    23: 'Identity suspended',
    25: 'Cancel',
    30: 'Wrong kind of identity',
  },
  consent: 'Do you agree?',
  known: (user) => `We know you already: you are ${user}.`,
  notMe: 'That is not me',
  sent: (organization) => `These data will be sent to ${organization}:`,
  nothingSent: (organization) => `No data will be sent to ${organization}.`,
  agree: (level) => `I agree (L${level})`,
  disagree: 'I do not agree',
  higher: 'Or enter with a higher level than was asked for',
  back: 'Back to the service',
  backText: 'If the page does not go on by itself, press the button.',
  goOn: 'Continue',
  invalid: 'Request not valid',
  anomaly: (nr, what) => `The service sent a request that we cannot accept. Anomaly ${nr}: ${what}.`,
  impossible: 'Not possible',
  over: 'This page has expired. Go back to the service and start again.',
  fault: 'Something did not work. Go back to the service and try again.',
};

const ALL: Readonly<Record<Language, ProviderTexts>> = { it, en };

export function providerTexts(language: Language): ProviderTexts {
  return ALL[language];
}
