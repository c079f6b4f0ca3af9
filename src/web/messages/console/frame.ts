import type { SourceKind } from '../../../identity/identity.ts';
import type { Language } from '../../../identity/language.ts';

const it = {
  console: 'Console',
  sections: 'Sezioni della console',
  path: 'Dove sei',
  section: {
    services: 'Servizi',
    entities: 'Enti e metadati',
    providers: 'Gestori di identità',
    logins: 'Accessi di oggi',
    trace: 'Ricerca per codice',
    register: 'Registro SPID',
    reports: 'Uso mensile',
    administrators: 'Persone e ruoli',
    invitations: 'Inviti',
    keys: 'Chiavi e certificati',
    audit: 'Registro delle attività',
    settings: 'Impostazioni',
  },
  signOut: 'Esci',
  noRole: {
    title: 'Non hai un ruolo in questa console',
    text: (name: string) =>
      `${name ? `${name}, sei` : 'Sei'} entrato correttamente, ma il tuo ruolo non apre questa pagina.`,
    next: 'Chiedi un ruolo a chi amministra il gateway: servirà il tuo codice fiscale.',
    invitation: 'Ho un codice di invito',
  },
  keptForm: {
    over: {
      title: 'La sessione è finita: quello che hai scritto è ancora qui',
      signIn: 'Entra di nuovo nella console (si apre una nuova scheda)',
    },
    old: {
      title: 'Prima conferma chi sei: quello che hai scritto è ancora qui',
      signIn: 'Conferma con SPID, perché sei entrato da più di dieci minuti (si apre una nuova scheda)',
    },
    text: 'Niente è stato inviato e niente è andato perso. Tieni aperta questa pagina.',
    then: 'Torna qui e continua: ritrovi il modulo com’era.',
    goOn: 'Continua con quello che avevo scritto',
    fiscalNumber: 'Il codice fiscale non si conserva: andrà riscritto.',
    confirmed: {
      title: 'Hai confermato chi sei',
      text: 'Chiudi questa scheda e torna a quella di prima: lì continui con quello che avevi scritto.',
    },
  },
  kept: 'non mostrato',
  differences: { before: 'prima', after: 'dopo', gone: 'tolto', come: 'aggiunto' },
  sources: { spid: 'SPID' } satisfies Record<SourceKind, string>,
  repeat:
    'Per le operazioni delicate serve un accesso di pochi minuti fa: ora c’è. Quello che avevi chiesto non è ancora stato fatto: ripetilo.',
  faulty: 'Alcune risposte vanno corrette:',
  refused: 'Operazione non riuscita',
  refusedOtherwise: 'La richiesta non può essere eseguita. Niente è stato modificato.',
};

const en: typeof it = {
  console: 'Administration',
  sections: 'Sections of the console',
  path: 'Where you are',
  section: {
    services: 'Services',
    entities: 'Bodies and metadata',
    providers: 'Identity providers',
    logins: 'Logins today',
    trace: 'Search by code',
    register: 'SPID register',
    reports: 'Monthly use',
    administrators: 'People and roles',
    invitations: 'Invitations',
    keys: 'Keys and certificates',
    audit: 'Audit trail',
    settings: 'Settings',
  },
  signOut: 'Sign out',
  noRole: {
    title: 'You have no role in this console',
    text: (name) => `${name ? `${name}, you` : 'You'} are signed in, but your role does not open this page.`,
    next: 'Ask an administrator of the gateway for a role: your codice fiscale will be needed.',
    invitation: 'I have an invitation code',
  },
  keptForm: {
    over: {
      title: 'Your session is over: what you wrote is still here',
      signIn: 'Sign in to the console again (in a new tab)',
    },
    old: {
      title: 'Confirm first who you are: what you wrote is still here',
      signIn: 'Confirm with SPID, for you signed in more than ten minutes ago (in a new tab)',
    },
    text: 'Nothing was sent and nothing is lost. Keep this page open.',
    then: 'Come back here and go on: you find the form as it was.',
    goOn: 'Go on with what I wrote',
    fiscalNumber: 'The codice fiscale is not kept: it will have to be written again.',
    confirmed: {
      title: 'You confirmed who you are',
      text: 'Close this tab and go back to the one before: there you go on with what you wrote.',
    },
  },
  kept: 'not shown',
  differences: { before: 'before', after: 'after', gone: 'taken out', come: 'added' },
  sources: { spid: 'SPID' },
  repeat:
    'Delicate acts need a login of the last minutes: there is one now. What you asked for was not done yet: do it again.',
  faulty: 'Some answers need correction:',
  refused: 'This did not work',
  refusedOtherwise: 'The request cannot be carried out. Nothing was changed.',
};

/** Texts around every page of the console, and of the doors into it. */
export const frame: Readonly<Record<Language, typeof it>> = { it, en };
