import type { Purpose } from '../../clients/policy.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import type { Level } from '../../identity/level.ts';
import type { Messages } from './it.ts';
import type { ProblemReason, ProblemText, ProblemVariables } from './problem-text.ts';

const attributes: Readonly<Record<AttributeName, string>> = {
  spidCode: 'SPID identifier',
  name: 'First name',
  familyName: 'Family name',
  placeOfBirth: 'Place of birth',
  countyOfBirth: 'Province of birth',
  dateOfBirth: 'Date of birth',
  gender: 'Sex',
  fiscalNumber: 'Tax code (codice fiscale)',
  idCard: 'Identity document',
  companyName: 'Company name',
  registeredOffice: 'Registered office',
  ivaCode: 'VAT number',
  companyFiscalNumber: 'Company tax code',
  mobilePhone: 'Mobile phone number',
  email: 'E-mail address',
  digitalAddress: 'Certified e-mail (PEC)',
  address: 'Address',
  domicileStreetAddress: 'Street and number',
  domicilePostalCode: 'Postal code',
  domicileMunicipality: 'Town of residence',
  domicileProvince: 'Province of residence',
  domicileNation: 'Country of residence',
  expirationDate: 'Expiry of the SPID identity',
};

const levels: Readonly<Record<Level, string>> = {
  1: 'level 1: user name and password',
  2: 'level 2: password and a code, or a confirmation in the app',
  3: 'level 3: your strongest identity, with a certificate',
};

/** The kinds of SPID identity by what services ask for (AgID notice 18 v2). */
const kinds: Readonly<Record<Purpose | 'none', string>> = {
  none: 'your personal identity, not with a professional or business one',
  P: 'an identity for professional use: your own, or the one you hold for a company or body',
  LP: 'the identity of your company or body',
  PG: 'the identity for professional use that you hold for your company or body',
  PF: 'your identity for professional use, not with a personal or business one',
  PX: 'an identity for professional use or that of your company, not with a personal one',
};

const problems: Readonly<Record<ProblemReason, ProblemText>> = {
  rejected: {
    title: 'You could not be signed in',
    happened: () => 'The answer of your identity provider did not pass our security checks.',
    next: () => 'Try again. If it happens again, contact support and quote the code below.',
  },
  'no-answer': {
    title: 'Start again from the service',
    happened: () =>
      'Your identity provider uses this address to bring you back here: opened by itself it leads nowhere.',
    next: () => 'Go back to the service you wanted to use and sign in from there.',
  },
  unsolicited: {
    title: 'Start again from the service',
    happened: () =>
      'A sign-in answer arrived that nobody asked for here, or that was asked for very long ago.',
    next: () => 'Go back to the service you wanted to use and sign in from there.',
  },
  expired: {
    title: 'Too much time went by',
    happened: () => 'The sign-in request expired before the answer came.',
    next: () => 'You can start again whenever you like: nothing is lost.',
  },
  'already-used': {
    title: 'This sign-in was already used',
    happened: () => 'The same answer arrived twice: this happens when you go back or reload the page.',
    next: () => 'If you were signed in already, go back to the service. Otherwise start again.',
  },
  unreachable: {
    title: 'The provider does not answer',
    happened: () => 'The SPID provider you chose cannot be reached right now.',
    next: () => 'Try again in a few minutes, or use another identity if you have one.',
  },
  'provider-fault': {
    title: 'The provider had a problem',
    happened: () => 'The SPID provider had a technical problem while it was recognising you.',
    next: () => 'Please try later, or use another identity if you have one.',
  },
  'switched-off': {
    title: 'This provider is suspended for now',
    happened: () => 'While you were on its website we suspended sign-ins with the provider you chose.',
    next: () => 'Use another identity if you have one, or try again later.',
  },
  'our-fault': {
    title: 'There is a technical problem on our side',
    happened: () => 'It is not your fault: our request was not accepted. Our staff has been notified.',
    next: () => 'Please try later. If it is urgent, write to support and quote the code below.',
  },
  'not-started': {
    title: 'The sign-in did not start correctly',
    happened: () => 'The SPID provider could not take on the request.',
    next: ({ again }: ProblemVariables) =>
      again
        ? 'Try once more. If it happens again, contact support and quote the code below.'
        : 'Contact support and quote the code below, or use another identity if you have one.',
  },
  'wrong-credentials': {
    title: 'Wrong credentials',
    happened: () => 'User name or password were wrong, and the provider stopped after several attempts.',
    next: () =>
      'Check them and try again. If you forgot them, your provider’s website helps you recover them.',
  },
  'level-not-held': {
    title: 'A higher SPID level is needed',
    happened: ({ service, level }: ProblemVariables) =>
      `SPID level ${level} is needed for ${service}, and your identity does not have it yet.`,
    next: () => 'Your provider can tell you how to get it. Then try again.',
  },
  'timed-out': {
    title: 'Time is up',
    happened: () => 'Too much time went by on the provider’s page and the sign-in expired.',
    next: () => 'You can start again whenever you like.',
  },
  'consent-refused': {
    title: 'You did not agree',
    happened: () => 'You did not agree to send your data, so you were not signed in.',
    next: ({ service }: ProblemVariables) =>
      `Your consent is needed to enter ${service}: if you wish, try again.`,
  },
  'identity-suspended': {
    title: 'Your identity is suspended or blocked',
    happened: () => 'Your SPID identity is suspended or revoked, or its credentials are blocked.',
    next: () =>
      'Contact your identity provider. In the meantime you can use another identity, if you have one.',
  },
  'too-many': {
    title: 'Too many requests',
    happened: () => 'Too many requests have come from this network in a short time.',
    next: () => 'Wait a minute and try again: nothing is lost.',
  },
  'age-not-allowed': {
    title: 'This service is for other ages',
    happened: ({ service }: ProblemVariables) =>
      `${service} is open to people of certain ages only, and yours is not among them.`,
    next: () => 'Your date of birth was not given to the service. If this is a mistake, contact support.',
  },
  cancelled: {
    title: 'You cancelled the sign-in',
    happened: () => 'The sign-in was stopped at your request.',
    next: () => 'If you did not mean to, try again.',
  },
  'not-completed': {
    title: 'The sign-in was not completed',
    happened: () => 'The SPID provider stopped the sign-in before its end.',
    next: () => 'You can try again.',
  },
  'wrong-identity-kind': {
    title: 'Another kind of identity is needed',
    happened: ({ service }) => `You used a kind of SPID identity that ${service} does not accept.`,
    next: ({ purpose }: ProblemVariables) => `Try again with ${purpose ? kinds[purpose] : kinds.none}.`,
  },
  'attributes-missing': {
    title: 'Some data is missing',
    happened: ({ service }: ProblemVariables) =>
      `The provider did not send everything that ${service} cannot work without.`,
    next: () => 'Check your profile on the provider’s website and try again, or use another identity.',
  },
  unknown: {
    title: 'You could not be signed in',
    happened: () => 'Your sign-in with SPID could not be completed.',
    next: () => 'You can try again. If it continues, contact support and quote the code below.',
  },
  'login-unknown': {
    title: 'This sign-in expired or began elsewhere',
    happened: () =>
      'This sign-in has expired, or began in another browser or app, or your browser does not accept cookies.',
    next: () =>
      'Continue in the browser where you began, or go back to the service and start again. If it happens again, allow cookies for this site in the settings of your browser.',
  },
  'login-over': {
    title: 'You completed this sign-in already',
    happened: () => 'You went back to a page that is no longer needed.',
    next: () => 'Go back to the service: if it does not recognise you, sign in again.',
  },
  'not-found': {
    title: 'Page not found',
    happened: () => 'This page does not exist, or not any more.',
    next: () => 'Go back to the service you wanted to use.',
  },
  'bad-request': {
    title: 'Request not valid',
    happened: () => 'What arrived is not a request that we can accept.',
    next: () =>
      'Go back to the service and start again. If it happens again, contact support and quote the code below.',
  },
  'too-large': {
    title: 'You sent too much text',
    happened: () => 'The form has more in it than we can receive at once. Nothing was saved.',
    next: () =>
      'Go back in your browser: what you wrote is still there. Shorten the texts or take out what is not needed, and send it again. For very long data administrators can use the API or the command line.',
  },
  'client-fault': {
    title: 'The service sent a request that is not valid',
    happened: () => 'Something is wrong between the service and this sign-in system. It is not your fault.',
    next: () => 'Please tell the service you came from, and quote the code below.',
  },
  internal: {
    title: 'Something did not work',
    happened: () => 'There is a technical problem on our side, it is not your fault.',
    next: () => 'Try again in a few minutes. If it continues, contact support and quote the code below.',
  },
};

export const en: Messages = {
  layout: {
    skip: 'Skip to content',
    otherLanguage: 'Italiano',
    footer: 'Useful links',
    privacy: 'Privacy notice',
    accessibility: 'Accessibility statement',
    support: 'Support',
  },
  attributes,
  levels,
  choose: {
    title: (service) => `Sign in to ${service}`,
    entity: (entity) => `Service offered by: ${entity}`,
    providers: 'Sign in with SPID',
    providersHint: 'Choose the provider of your digital identity. The order is random.',
    released: 'The service will receive these data',
    releasedWhy: 'Why it asks for them',
    pseudonym: 'The service will not know who you are',
    releasedNone:
      'No personal data will be sent to the service: it only receives a code that does not tell who you are.',
    level: (level) => `To sign in you need SPID ${level}.`,
    needHelp: 'Need help?',
    noSpid: 'You do not have SPID?',
    moreInformation: 'More information',
    back: 'Back to the service without signing in',
    waiting: (provider) =>
      `You went to ${provider} and have not come back with an answer. If it does not respond, try again in a few minutes or choose another provider.`,
    suspended: (since) => `signing in with this provider has been suspended since ${since}.`,
    noProviders: 'No provider is available right now. Try again in a few minutes.',
  },
  depart: {
    title: 'You are going to your provider',
    text: (provider) => `We are taking you to the website of ${provider}.`,
    button: (provider) => `Continue to ${provider}`,
  },
  problem: {
    reference: 'Support code',
    forDevelopers: 'For the developers of the service',
    retry: 'Try again',
    otherIdentity: 'Use another identity',
    backToService: 'Back to the service',
    home: 'See the list of services',
    thisService: 'this service',
    texts: problems,
  },
  logout: {
    title: 'Do you want to sign out?',
    text: (service) => (service ? `You asked to sign out of ${service}.` : 'You asked to sign out.'),
    explain: 'Signing out closes your access to every service you opened from here with this browser.',
    leave: 'Sign out of all services',
    stay: 'Stay',
    stayHint: 'If you stay, only the service you came from is closed.',
  },
  home: {
    title: 'Sign-in to the online services',
    text: 'This is where you enter the services with your digital identity. Start from the service you want to use.',
    services: 'Connected services',
    none: 'No service is connected yet.',
  },
};
