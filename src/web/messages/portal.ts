import type { Language } from '../../identity/language.ts';

interface PortalMessages {
  readonly notSignedIn: {
    readonly title: string;
    readonly text: (area: string) => string;
    readonly retry: string;
    readonly home: string;
  };
}

/** Texts of the gateway's own pages about signing in. */
export const portalMessages: Readonly<Record<Language, PortalMessages>> = {
  it: {
    notSignedIn: {
      title: 'Accesso non completato',
      text: (area) =>
        `Non sei entrato in «${area}»: l’accesso è stato interrotto, è scaduto o era già stato usato.`,
      retry: 'Riprova',
      home: 'Torna alla pagina iniziale',
    },
  },
  en: {
    notSignedIn: {
      title: 'You are not signed in',
      text: (area) =>
        `You did not get into “${area}”: signing in was stopped, took too long or was done before.`,
      retry: 'Try again',
      home: 'Back to the start page',
    },
  },
};
