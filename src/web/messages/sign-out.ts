import type { Language } from '../../identity/language.ts';

export interface SignOutMessages {
  readonly title: string;
  readonly closed: string;
  readonly closedList: string;
  readonly notClosed: string;
  /** Before the list of services that nobody can tell. */
  readonly notClosedUntold: string;
  readonly notClosedServices: string;
  readonly notClosedProvider: string;
  readonly advice: string;
  /** For whoever left one service only. */
  readonly stayed: {
    readonly title: string;
    text(service: string): string;
    readonly others: string;
    readonly back: string;
  };
}

const TEXTS: Readonly<Record<Language, SignOutMessages>> = {
  it: {
    title: 'Sei uscito',
    closed:
      'Il tuo accesso è stato chiuso: da qui nessun servizio si apre più senza una nuova autenticazione.',
    closedList: 'Il tuo accesso è stato chiuso per questi servizi:',
    notClosed: 'Che cosa può essere ancora aperto',
    notClosedUntold:
      'Questi servizi non si lasciano avvisare e potrebbero riconoscerti ancora: esci anche da lì.',
    notClosedServices:
      'Una pagina di un servizio già aperta in questo browser può mostrare ancora i tuoi dati finché non la chiudi o la ricarichi.',
    notClosedProvider:
      'Il sito del tuo gestore di identità può ricordarti ancora: con il livello 1 di SPID tiene una sessione sua.',
    advice: 'Se usi un computer condiviso, chiudi anche il browser.',
    stayed: {
      title: 'Sei uscito da un solo servizio',
      text: (service) => `Il tuo accesso a ${service} è stato chiuso.`,
      others: 'Gli altri servizi in cui sei entrato con questo browser restano aperti.',
      back: 'Torna al servizio',
    },
  },
  en: {
    title: 'You have left',
    closed: 'Your access has been closed: no service opens from here without a new authentication.',
    closedList: 'Your access has been closed for these services:',
    notClosed: 'What may still be open',
    notClosedUntold: 'These services cannot be told and may still know you: leave there too.',
    notClosedServices:
      'A page of a service that is already open in this browser may go on showing your data until you close or reload it.',
    notClosedProvider:
      'Your identity provider’s site may still remember you: at SPID level 1 it keeps a session of its own.',
    advice: 'On a shared computer close the browser too.',
    stayed: {
      title: 'You have left one service only',
      text: (service) => `Your access to ${service} has been closed.`,
      others: 'The other services that you entered with this browser remain open.',
      back: 'Back to the service',
    },
  },
};

/** What is said around leaving. */
export function signOutMessages(language: Language): SignOutMessages {
  return TEXTS[language];
}
