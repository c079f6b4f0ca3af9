import type { Language } from '../../../identity/language.ts';

const it = {
  intro:
    'Quando scadono le chiavi e i certificati da cui dipende il gateway. Si cambiano dalla riga di comando, dove si trovano le chiavi.',
  urgent: 'Da fare',
  nothingUrgent: 'Niente scade a breve.',
  calendar: 'Calendario',
  kinds: {
    saml: 'Certificato SPID dell’ente',
    oidc: 'Chiave dei token',
    cookies: 'Chiave dei cookie',
    'identity-provider': 'Certificato del gestore di identità',
    registry: 'Certificato di chi firma il registro',
    timestamp: 'Certificato delle marche temporali',
    certificate: 'Altro certificato',
  },
  toDo: {
    saml: 'Crea una nuova chiave (cert create), invia ad AgID i metadati con entrambe e aspetta che siano in vigore.',
    oidc: 'Il cambio non è avvenuto da solo: keys rotate lo fa, e il log dice perché (key_problem).',
    cookies: 'Il cambio non è avvenuto da solo: keys rotate lo fa, e il log dice perché (key_problem).',
    'identity-provider':
      'Il gestore sta per cambiare chiave: il registro di AgID deve poter essere letto ogni ora.',
    registry:
      'Procurati da AgID il nuovo certificato e proponilo fra i «Certificati di AgID» (pagina dei gestori); quello dei file di metadata/idp si cambia nella configurazione (trustedSigners).',
    timestamp: 'Chiedi il nuovo certificato al fornitore delle marche temporali.',
    certificate: 'Rinnova il certificato dove si trova.',
  },
  ends: 'Scade il',
  ended: 'Scaduto il',
  changes: 'Cambia il',
  notBefore: 'Non valido prima del',
  days: (count: number) => (count === 0 ? 'oggi' : count === 1 ? 'fra 1 giorno' : `fra ${count} giorni`),
  followed: 'un altro ne ha già preso il posto',
  fingerprint: 'Impronta SHA-256',
};

const en: typeof it = {
  intro:
    'When the keys and certificates that the gateway depends on end. They are changed on the command line, where the keys are.',
  urgent: 'To be seen to',
  nothingUrgent: 'Nothing ends soon.',
  calendar: 'Calendar',
  kinds: {
    saml: 'SPID certificate of the body',
    oidc: 'Key for tokens',
    cookies: 'Key for cookies',
    'identity-provider': 'Certificate of the identity provider',
    registry: 'Certificate that signs the registry',
    timestamp: 'Certificate for time stamps',
    certificate: 'Other certificate',
  },
  toDo: {
    saml: 'Make a new key (cert create), send AgID metadata with both, and wait until it is in force.',
    oidc: 'It did not change by itself: keys rotate does it, and the log says why (key_problem).',
    cookies: 'It did not change by itself: keys rotate does it, and the log says why (key_problem).',
    'identity-provider':
      'The provider is about to change its key: AgID’s registry must be readable every hour.',
    registry:
      'Get the new certificate from AgID and propose it among “AgID’s certificates” (page of the providers); that of files in metadata/idp is changed in the configuration (trustedSigners).',
    timestamp: 'Ask the supplier of time stamps for the new certificate.',
    certificate: 'Renew the certificate where it is.',
  },
  ends: 'Ends on',
  ended: 'Ended on',
  changes: 'Changes on',
  notBefore: 'Not valid before',
  days: (count) => (count === 0 ? 'today' : count === 1 ? 'in 1 day' : `in ${count} days`),
  followed: 'another has taken its place',
  fingerprint: 'SHA-256 fingerprint',
};

/** Texts of the calendar of keys. */
export const keys: Readonly<Record<Language, typeof it>> = { it, en };
