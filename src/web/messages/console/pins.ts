import type { Language } from '../../../identity/language.ts';

const it = {
  title: 'Certificati di AgID',
  intro:
    'AgID firma l’elenco dei gestori con questi certificati: un elenco firmato da altri non viene mai usato. Per aggiungerne o toglierne uno servono due persone: una propone, un’altra confronta l’impronta e approva. Vale in tutto il gateway dal controllo successivo del registro.',
  altered:
    'Ciò che è stato deciso qui è stato alterato nella banca dati. Finché qualcuno non interviene nessun elenco nuovo viene creduto; quello in uso resta. Chiedi subito a chi gestisce il server di eseguire «audit verify» e poi «providers pins reset».',
  unknown: 'Certificato sconosciuto',
  unknownHint:
    'L’ultimo elenco scaricato è firmato con questo certificato ed è stato rifiutato. Chiunque può metterne uno suo: chiedi ad AgID, per una via sicura, se l’impronta è la sua.',
  unknownOff:
    'L’ultimo elenco scaricato è firmato con questo certificato, che qui è stato disattivato. È stato rifiutato.',
  propose: 'Proponi questo certificato',
  proposeAgain: 'Proponi di riattivarlo',
  proposeRemoving: 'Proponi di toglierlo',
  waitingAdd: 'Da approvare: aggiungere un certificato',
  waitingRemove: 'Da approvare: togliere un certificato',
  proposedBy: (author: string) => `Proposto da ${author},`,
  byProgram:
    'L’ha proposto un programma. Proponilo tu, se sei d’accordo: poi lo approva un’altra persona ancora.',
  compare: 'Impronta SHA-256 che hai avuto da AgID',
  compareHint: 'Scrivi quella che AgID ti ha dato per una via sicura, non quella di questa pagina.',
  differs: 'Non è l’impronta di questo certificato: non approvarlo prima di aver capito perché.',
  removeHint: 'Dopo, un elenco firmato con questo certificato non sarà più usato.',
  approveAdd: 'Approva e aggiungi',
  approveRemove: 'Approva e togli',
  withdraw: 'Ritira la proposta',
  list: 'Certificati',
  counts: 'Vale',
  off: 'Disattivato: non vale',
  fromConsole: 'aggiunto qui',
  fromFile: 'dalla configurazione',
  decided: (proposedBy: string, approvedBy: string) => `Deciso da ${proposedBy} e ${approvedBy},`,
  add: 'Aggiungi un certificato',
  certificate: 'Certificato',
  certificateHint: 'In formato PEM: comincia con -----BEGIN CERTIFICATE-----.',
  upload: 'Oppure prendilo da un file',
  subject: 'Intestatario',
  fingerprint: 'Impronta SHA-256',
  validity: 'Validità',
  expired: 'scaduto',
  key: 'Chiave',
  signed: 'Elenco scaricato',
  signs: {
    'list-in-use': 'ha firmato l’elenco in uso',
    'list-refused': 'ha firmato l’ultimo elenco, che è stato rifiutato',
    neither: 'non ha firmato l’ultimo elenco',
  },
};

const en: typeof it = {
  title: 'AgID’s certificates',
  intro:
    'AgID signs the list of providers with these certificates: a list signed by others is never used. To add or remove one takes two persons: one proposes, another one compares the fingerprint and approves. It counts in the whole gateway from the next look at the registry.',
  altered:
    'What was decided here was altered in the database. Until somebody sees to it no new list is believed; the one in use stays. Ask whoever runs the server at once to run “audit verify” and then “providers pins reset”.',
  unknown: 'Unknown certificate',
  unknownHint:
    'The last list that was fetched is signed with this certificate and was refused. Anybody can put one of her own there: ask AgID, by a safe way, whether the fingerprint is its own.',
  unknownOff:
    'The last list that was fetched is signed with this certificate, which was switched off here. It was refused.',
  propose: 'Propose this certificate',
  proposeAgain: 'Propose to switch it on again',
  proposeRemoving: 'Propose to remove it',
  waitingAdd: 'To approve: add a certificate',
  waitingRemove: 'To approve: remove a certificate',
  proposedBy: (author) => `Proposed by ${author},`,
  byProgram: 'A program proposed it. Propose it yourself if you agree: then yet another person approves it.',
  compare: 'SHA-256 fingerprint that you have from AgID',
  compareHint: 'Write the one that AgID gave you by a safe way, not the one on this page.',
  differs: 'This is not the fingerprint of this certificate: do not approve it before you know why.',
  removeHint: 'Afterwards no list signed with this certificate will be used.',
  approveAdd: 'Approve and add',
  approveRemove: 'Approve and remove',
  withdraw: 'Withdraw the proposal',
  list: 'Certificates',
  counts: 'Counts',
  off: 'Switched off: does not count',
  fromConsole: 'added here',
  fromFile: 'from the configuration',
  decided: (proposedBy, approvedBy) => `Decided by ${proposedBy} and ${approvedBy},`,
  add: 'Add a certificate',
  certificate: 'Certificate',
  certificateHint: 'In PEM: it begins with -----BEGIN CERTIFICATE-----.',
  upload: 'Or take it from a file',
  subject: 'Subject',
  fingerprint: 'SHA-256 fingerprint',
  validity: 'Validity',
  expired: 'expired',
  key: 'Key',
  signed: 'List fetched',
  signs: {
    'list-in-use': 'signed the list in use',
    'list-refused': 'signed the last list, which was refused',
    neither: 'did not sign the last list',
  },
};

/** Texts about the certificates that sign AgID's registry. */
export const pins: Readonly<Record<Language, typeof it>> = { it, en };
