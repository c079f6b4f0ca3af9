import type { Language } from '../../identity/language.ts';

export type SendingReason = 'leaving' | 'another-person' | 'answer';

interface SendingMessages {
  readonly title: string;
  readonly text: (service: string | undefined) => string;
  readonly button: string;
}

/** What is said on pages that go on by themselves. */
export const sendingMessages: Readonly<Record<Language, Readonly<Record<SendingReason, SendingMessages>>>> = {
  it: {
    leaving: {
      title: 'Stai uscendo',
      text: (service) =>
        service
          ? `Chiudiamo il tuo accesso a ${service} e agli altri servizi aperti da qui.`
          : 'Chiudiamo il tuo accesso ai servizi aperti da qui.',
      button: 'Esci da tutti i servizi',
    },
    'another-person': {
      title: 'Stai entrando con un’altra identità',
      text: () => 'Prima chiudiamo l’accesso di chi era già entrato con questo browser.',
      button: 'Continua',
    },
    answer: {
      title: 'Stai tornando al servizio',
      text: (service) => (service ? `Ti riportiamo a ${service}.` : 'Ti riportiamo al servizio.'),
      button: 'Continua',
    },
  },
  en: {
    leaving: {
      title: 'You are leaving',
      text: (service) =>
        service
          ? `We are closing your access to ${service} and to the other services opened from here.`
          : 'We are closing your access to the services opened from here.',
      button: 'Sign out of all services',
    },
    'another-person': {
      title: 'You are signing in with another identity',
      text: () => 'First we are closing the access of whoever had signed in with this browser.',
      button: 'Continue',
    },
    answer: {
      title: 'You are going back to the service',
      text: (service) =>
        service ? `We are taking you back to ${service}.` : 'We are taking you back to the service.',
      button: 'Continue',
    },
  },
};
