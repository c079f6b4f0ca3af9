import type { Language } from '../../identity/language.ts';

interface PortalMessages {
  readonly notSignedIn: {
    readonly title: string;
    readonly text: (area: string) => string;
    readonly retry: string;
    readonly home: string;
  };
  /** A form came from somebody who is not in any more. */
  readonly sessionOver: {
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
    sessionOver: {
      title: 'La sessione è finita',
      text: (area) =>
        `Sei uscito, oppure è passato troppo tempo: quello che hai appena inviato a ${area} non è stato registrato.`,
      retry: 'Rientra',
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
    sessionOver: {
      title: 'Your session is over',
      text: (area) =>
        `You have signed out, or too much time has passed: what you have just sent to ${area} was not recorded.`,
      retry: 'Sign in again',
      home: 'Back to the start page',
    },
  },
};
