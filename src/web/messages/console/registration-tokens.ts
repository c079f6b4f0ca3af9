import type { Language } from '../../../identity/language.ts';

const it = {
  title: 'Registrazione da programma',
  intro:
    'Con un gettone un programma registra da sé servizi di un ente (RFC 7591), solo in prova e solo con indirizzi sui nomi di host che scegli. Prima che i cittadini li incontrino li approvi tu.',
  off: 'È spenta: chi gestisce il gateway la accende con «dynamicRegistration: true» nel file di configurazione.',
  known: 'Gettoni',
  none: 'Nessun gettone.',
  usesLeft: (left: number, all: number) => `restano ${left} servizi su ${all}`,
  until: 'vale fino al',
  expired: 'scaduto il',
  used: 'usato del tutto',
  revoked: 'revocato',
  revoke: 'Revoca il gettone',
  new: 'Crea un gettone',
  make: 'Crea il gettone',
  made: 'Gettone creato',
  token: 'Gettone (initial access token)',
  fields: {
    entity: 'Ente',
    hosts: 'Nomi di host',
    days: 'Vale per',
    uses: 'Quanti servizi',
  },
  hostsHint: (most: number) =>
    `Uno per riga, al massimo ${most}, come servizi.comune.example.it: ogni indirizzo di un servizio registrato deve stare su uno di questi.`,
  usesHint: (most: number) => `Da 1 a ${most}.`,
  days: (count: number) => (count === 1 ? '1 giorno' : `${count} giorni`),
  ends: 'Scade',
  faults: {
    entity: 'Scegli un ente che amministri.',
    hosts: 'Scrivi solo nomi di host interi: senza https://, porta, percorso o asterischi.',
    days: 'Scegli una durata.',
    uses: 'Scrivi un numero intero da 1 a 1000.',
  },
  once: 'Copia ora il gettone: non sarà più mostrato, a nessuno.',
  next: 'Il programma lo manda come «Authorization: Bearer» all’indirizzo di registrazione. Tu trovi i servizi tra quelli in prova.',
  toTokens: 'Vai ai gettoni',
};

const en: typeof it = {
  title: 'Registration by program',
  intro:
    'With a token a program registers services of a body by itself (RFC 7591), into the test stage only and with addresses on the hosts that you choose. You approve them before citizens meet them.',
  off: 'It is off: whoever operates the gateway switches it on by “dynamicRegistration: true” in the configuration file.',
  known: 'Tokens',
  none: 'There is no token.',
  usesLeft: (left, all) => `${left} of ${all} services left`,
  until: 'works until',
  expired: 'ended',
  used: 'used up',
  revoked: 'revoked',
  revoke: 'Revoke the token',
  new: 'Make a token',
  make: 'Make the token',
  made: 'The token is made',
  token: 'Token (initial access token)',
  fields: {
    entity: 'Body',
    hosts: 'Host names',
    days: 'Works for',
    uses: 'How many services',
  },
  hostsHint: (most) =>
    `One a line, ${most} at most, such as services.town.example.it: every address of a service that is registered has to be on one of them.`,
  usesHint: (most) => `From 1 to ${most}.`,
  days: (count) => (count === 1 ? '1 day' : `${count} days`),
  ends: 'Ends',
  faults: {
    entity: 'Choose a body that you administer.',
    hosts: 'Write whole host names only: no https://, port, path or asterisk.',
    days: 'Choose how long.',
    uses: 'Write a whole number from 1 to 1000.',
  },
  once: 'Copy the token now: it will not be shown again, to nobody.',
  next: 'The program sends it as “Authorization: Bearer” to the registration endpoint. You find the services among those in the test stage.',
  toTokens: 'Go to the tokens',
};

/** Texts of the tokens by which programs register services. */
export const registrationTokens: Readonly<Record<Language, typeof it>> = { it, en };
