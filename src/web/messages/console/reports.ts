import type { Language } from '../../../identity/language.ts';

const it = {
  of: (month: string) => `Uso nel mese di ${month}`,
  intro: (smallest: number) =>
    `Quante volte i cittadini sono entrati nei servizi; gli accessi di prova non sono contati. I numeri sotto ${smallest} non si mostrano, e nemmeno quelli da cui si potrebbero ricavare: al loro posto c’è un asterisco.`,
  month: 'Mese',
  show: 'Mostra',
  download: 'Scarica (CSV)',
  none: 'In questo mese non risulta nessun accesso.',
  all: 'Tutti gli enti insieme',
  item: 'Voce',
  accesses: 'Accessi',
  more: (count: number) =>
    count === 1 ? 'Un altro è nel file da scaricare.' : `Altri ${count} sono nel file da scaricare.`,
  by: {
    total: 'In tutto',
    service: 'Per servizio',
    provider: 'Per gestore di identità',
    source: 'Per modo di farsi riconoscere',
    level: 'Per livello',
    'own-page': 'Pagine del gateway',
  },
  ownPagesHint: 'Chi entra qui non usa un servizio: questi accessi non sono contati nelle altre tabelle.',
};

const en: typeof it = {
  of: (month) => `Use in ${month}`,
  intro: (smallest) =>
    `How often citizens entered services; logins of the test stage are not counted. Numbers below ${smallest} are not shown, nor are those from which they could be worked out: an asterisk stands in their place.`,
  month: 'Month',
  show: 'Show',
  download: 'Download (CSV)',
  none: 'There is no access in this month.',
  all: 'All bodies together',
  item: 'Item',
  accesses: 'Accesses',
  more: (count) => (count === 1 ? 'One more is in the file.' : `${count} more are in the file.`),
  by: {
    total: 'In all',
    service: 'By service',
    provider: 'By identity provider',
    source: 'By way of being recognised',
    level: 'By level',
    'own-page': 'Pages of the gateway itself',
  },
  ownPagesHint: 'Whoever enters here uses no service: these accesses are in no other table.',
};

/** Texts of the monthly reports. */
export const reports: Readonly<Record<Language, typeof it>> = { it, en };
