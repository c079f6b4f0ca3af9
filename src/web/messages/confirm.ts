import type { Language } from '../../identity/language.ts';

export interface ConfirmMessages {
  title(service: string): string;
  /** @param name undefined where her name is not among what was released */
  as(name: string | undefined): string;
  readonly enter: string;
  readonly notYou: string;
  readonly notYouHint: string;
  /** What is still missing for a service that wants more than the session holds. */
  readonly more: Readonly<
    Record<'level' | 'fresh-authentication' | 'attributes', (service: string) => string>
  >;
  continueWith(provider: string): string;
  readonly or: string;
  readonly ageChecked: string;
  readonly testing: string;
  readonly links: Readonly<Record<'privacy' | 'terms' | 'accessibility' | 'support', string>>;
  aboutService(service: string): string;
}

const TEXTS: Readonly<Record<Language, ConfirmMessages>> = {
  it: {
    title: (service) => `Entra in ${service}`,
    // A name shortened to its initial brings its own full stop.
    as: (name) => (name ? `Stai entrando come ${name}` : 'Stai entrando con l’accesso che hai già fatto.'),
    enter: 'Entra',
    notYou: 'Non sei tu?',
    notYouHint:
      'Entra con un’altra identità: chi era entrato prima da questo browser esce da tutti i servizi.',
    more: {
      level: (service) => `Sei già entrato, ma ${service} chiede un accesso di livello più alto.`,
      'fresh-authentication': (service) => `Sei già entrato, ma ${service} chiede di confermare che sei tu.`,
      attributes: (service) => `Sei già entrato, ma ${service} ha bisogno di altri dati.`,
    },
    continueWith: (provider) => `Continua con ${provider}`,
    or: 'Oppure scegli un’altra identità',
    testing:
      'Questo servizio è in prova: si entra solo con un gestore di prova, e i dati non sono di persone vere.',
    ageChecked: 'La tua età, non la data di nascita',
    links: {
      privacy: 'Privacy',
      terms: 'Condizioni d’uso',
      accessibility: 'Accessibilità',
      support: 'Assistenza',
    },
    aboutService: (service) => `Informazioni su ${service}`,
  },
  en: {
    title: (service) => `Enter ${service}`,
    as: (name) =>
      name ? `You are entering as ${name}` : 'You are entering with the access you already have.',
    enter: 'Enter',
    notYou: 'Is this not you?',
    notYouHint: 'Enter with another identity: whoever entered from this browser before leaves all services.',
    more: {
      level: (service) => `You have already entered, but ${service} asks for a higher level.`,
      'fresh-authentication': (service) =>
        `You have already entered, but ${service} wants to be sure it is you.`,
      attributes: (service) => `You have already entered, but ${service} needs more data.`,
    },
    continueWith: (provider) => `Continue with ${provider}`,
    or: 'Or choose another identity',
    testing: 'This service is being tried out: only test providers let in, with data of nobody real.',
    ageChecked: 'Your age, not your date of birth',
    links: { privacy: 'Privacy', terms: 'Terms of use', accessibility: 'Accessibility', support: 'Support' },
    aboutService: (service) => `About ${service}`,
  },
};

/** What is said to a citizen whose session is about to be reused, or does not quite suffice. */
export function confirmMessages(language: Language): ConfirmMessages {
  return TEXTS[language];
}
