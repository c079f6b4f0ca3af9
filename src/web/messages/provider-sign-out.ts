import type { Language } from '../../identity/language.ts';
import type { SignOutOutcome } from '../../sources/source.ts';

interface Said {
  readonly title: string;
  readonly text: (provider: string) => string;
  readonly next: (provider: string) => string;
}

/** What is said to citizens who have left here and may leave their identity provider too. */
interface ProviderSignOutMessages {
  readonly closedHere: string;
  readonly offer: Said;
  readonly leave: string;
  readonly back: string;
  /** `sent`: she is back, and the provider has not said anything. */
  readonly outcomes: Readonly<Record<'sent' | SignOutOutcome, Said>>;
}

const MESSAGES: Readonly<Record<Language, ProviderSignOutMessages>> = {
  it: {
    closedHere: 'Da qui sei uscito da:',
    offer: {
      title: 'Sei uscito da questo servizio',
      text: (provider) => `Sei ancora dentro SPID: ${provider} ti ricorda in questo browser.`,
      next: () =>
        'Chi usa questo browser dopo di te potrebbe rientrare senza la tua password. Se il computer non è solo tuo, esci anche da SPID.',
    },
    leave: 'Esci da SPID',
    back: 'Torna al servizio',
    outcomes: {
      sent: {
        title: 'Sei uscito da questo servizio',
        text: (provider) => `${provider} non ha ancora confermato che sei uscito anche da SPID.`,
        next: () => 'Per sicurezza chiudi il browser.',
      },
      closed: {
        title: 'Sei uscito da questo servizio e da SPID',
        text: (provider) => `${provider} ha confermato che la tua sessione è chiusa.`,
        next: () => 'Se usi un computer condiviso, chiudi anche il browser.',
      },
      partly: {
        title: 'Sei uscito da questo servizio e da SPID',
        text: () => 'Potrebbero restare aperti altri servizi.',
        next: () => 'Per sicurezza chiudi il browser.',
      },
      refused: {
        title: 'Sei uscito da questo servizio',
        text: (provider) => `${provider} non ha potuto chiudere la tua sessione SPID.`,
        next: (provider) => `Per sicurezza chiudi il browser, oppure esci dal sito di ${provider}.`,
      },
    },
  },
  en: {
    closedHere: 'From here you have left:',
    offer: {
      title: 'You have left this service',
      text: (provider) => `You are still signed in to SPID: ${provider} remembers you in this browser.`,
      next: () =>
        'Whoever uses this browser after you could get back in without your password. If the computer is not yours alone, leave SPID too.',
    },
    leave: 'Leave SPID',
    back: 'Back to the service',
    outcomes: {
      sent: {
        title: 'You have left this service',
        text: (provider) => `${provider} has not yet confirmed that you have left SPID too.`,
        next: () => 'Close your browser to be safe.',
      },
      closed: {
        title: 'You have left this service and SPID',
        text: (provider) => `${provider} has confirmed that your session is closed.`,
        next: () => 'On a shared computer close the browser too.',
      },
      partly: {
        title: 'You have left this service and SPID',
        text: () => 'Other services may still be open.',
        next: () => 'Close your browser to be safe.',
      },
      refused: {
        title: 'You have left this service',
        text: (provider) => `${provider} could not close your SPID session.`,
        next: (provider) => `Close your browser to be safe, or sign out on the website of ${provider}.`,
      },
    },
  },
};

export function providerSignOutMessages(language: Language): ProviderSignOutMessages {
  return MESSAGES[language];
}
