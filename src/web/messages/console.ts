import type { Language } from '../../identity/language.ts';

const it = {
  signOut: 'Esci',
  noRole: {
    title: 'Non hai un ruolo in questa console',
    text: (name: string) =>
      `${name ? `${name}, sei` : 'Sei'} entrato correttamente, ma nessuno ti ha ancora assegnato un ruolo di amministrazione.`,
    next: 'Chiedi un invito a chi amministra il gateway: ti servirà il tuo codice fiscale.',
  },
};

const en: typeof it = {
  signOut: 'Sign out',
  noRole: {
    title: 'You have no role in this console',
    text: (name) => `${name ? `${name}, you` : 'You'} are signed in, but nobody has given you a role yet.`,
    next: 'Ask an administrator of the gateway to invite you: your codice fiscale will be needed.',
  },
};

/** Texts of the administration console. */
export const consoleMessages: Readonly<Record<Language, typeof it>> = { it, en };
