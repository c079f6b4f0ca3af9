import type { Language } from '../../identity/language.ts';

interface AccessesMessages {
  readonly link: string;
  readonly title: string;
  readonly lead: string;
  readonly none: string;
  readonly when: string;
  readonly provider: string;
  readonly level: string;
  readonly read: string;
  readonly nothingRead: string;
  readonly reference: string;
  readonly notMine: string;
  /** What comes of saying so, before the button. */
  readonly reportConsequence: string;
  readonly report: string;
  /** By what became of it. */
  readonly reported: Readonly<Record<'open' | 'hers' | 'not-hers' | 'unclear', string>>;
  readonly older: string;
  readonly reportHint: string;
  readonly download: string;
  readonly signOut: string;
}

/** Texts of the page on which citizens see where they entered. */
export const accessesMessages: Readonly<Record<Language, AccessesMessages>> = {
  it: {
    link: 'I miei accessi: dove sono entrato e quali dati sono stati letti',
    title: 'I miei accessi',
    lead: 'I servizi in cui sei entrato da qui negli ultimi 24 mesi, dal più recente, e i dati che ciascuno ha letto.',
    none: 'Non risulta nessun accesso.',
    when: 'Quando',
    provider: 'Con quale gestore',
    level: 'Livello SPID',
    read: 'Dati letti dal servizio',
    nothingRead: 'nessuno',
    reference: 'Codice per l’assistenza',
    notMine: 'Non sono stato io',
    reportConsequence:
      'Chi amministra il servizio controllerà questo accesso, e in questa pagina leggerai che cosa ha scoperto. La segnalazione non si può ritirare.',
    report: 'Segnala questo accesso',
    reported: {
      open: 'Segnalato: chi amministra il servizio lo sta verificando.',
      hers: 'Segnalazione chiusa: dalle verifiche l’accesso risulta tuo. Se non sei d’accordo scrivi all’assistenza.',
      'not-hers':
        'Segnalazione chiusa: l’accesso non era tuo. Cambia la password presso il tuo gestore di identità, se non lo hai già fatto.',
      unclear: 'Segnalazione chiusa: non è stato possibile stabilire di chi fosse l’accesso.',
    },
    older: 'Accessi precedenti',
    reportHint:
      'Se non riconosci un accesso, segnalalo qui e cambia subito la password presso il tuo gestore di identità.',
    download: 'Scarica tutto (JSON)',
    signOut: 'Esci da tutti i servizi',
  },
  en: {
    link: 'My accesses: where I entered and which data were read',
    title: 'My accesses',
    lead: 'The services you entered from here in the last 24 months, newest first, and the data that each has read.',
    none: 'There is no access.',
    when: 'When',
    provider: 'Through which provider',
    level: 'SPID level',
    read: 'Data read by the service',
    nothingRead: 'none',
    reference: 'Support code',
    notMine: 'It was not me',
    reportConsequence:
      'Whoever runs the service will look into this access, and you will read on this page what was found out. A report cannot be taken back.',
    report: 'Report this access',
    reported: {
      open: 'Reported: whoever runs the service is looking into it.',
      hers: 'Report closed: the access was found to be yours. If you do not agree, write to the support.',
      'not-hers':
        'Report closed: the access was not yours. Change your password at your identity provider, if you have not yet.',
      unclear: 'Report closed: whose access it was could not be found out.',
    },
    older: 'Earlier accesses',
    reportHint:
      'If you do not recognise an access, report it here, and change your password at your identity provider at once.',
    download: 'Download everything (JSON)',
    signOut: 'Sign out of all services',
  },
};
