import type { Language } from '../../../identity/language.ts';

const it = {
  intro:
    'Che cosa è stato fatto in questa console, da chi e da dove. Nulla può essere tolto o cambiato senza che si veda.',
  none: 'Ancora niente.',
  older: 'Voci precedenti',
  refused: 'rifiutato',
  via: {
    console: 'dalla console',
    api: 'dall’API',
    'command-line': 'dalla riga di comando',
    schedule: 'dal gateway stesso',
    registration: 'dalla registrazione dinamica',
    configuration: 'dal file di configurazione, all’avvio',
  },
  changes: (count: number) => (count === 1 ? '1 modifica' : `${count} modifiche`),
};

const en: typeof it = {
  intro:
    'What was done in this console, by whom and from where. Nothing can be removed or changed without its being seen.',
  none: 'Nothing yet.',
  older: 'Earlier entries',
  refused: 'refused',
  via: {
    console: 'by the console',
    api: 'by the API',
    'command-line': 'by the command line',
    schedule: 'by the gateway itself',
    registration: 'by dynamic registration',
    configuration: 'by the configuration file, at a start',
  },
  changes: (count) => (count === 1 ? '1 change' : `${count} changes`),
};

/** Texts of the audit trail. */
export const audit: Readonly<Record<Language, typeof it>> = { it, en };
