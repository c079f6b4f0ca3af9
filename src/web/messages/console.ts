import type { Language } from '../../identity/language.ts';
import { administrators } from './console/administrators.ts';
import { audit } from './console/audit.ts';
import { entities } from './console/entities.ts';
import { frame } from './console/frame.ts';
import { invitations } from './console/invitations.ts';
import { keys } from './console/keys.ts';
import { logins } from './console/logins.ts';
import { pins } from './console/pins.ts';
import { providers } from './console/providers.ts';
import { registrationTokens } from './console/registration-tokens.ts';
import { refusals } from './console/refusals.ts';
import { register } from './console/register.ts';
import { reports } from './console/reports.ts';
import { serviceForm } from './console/service-form.ts';
import { services } from './console/services.ts';
import { settings } from './console/settings.ts';
import { trace } from './console/trace.ts';

/** One file a section; what is around all of them is in frame.ts. */
function messagesIn(language: Language) {
  const { states, ...ofServices } = services[language];
  return {
    ...frame[language],
    ...administrators[language],
    ...invitations[language],
    refusals: refusals[language],
    registrationTokens: registrationTokens[language],
    audit: audit[language],
    entities: entities[language],
    pins: pins[language],
    providers: providers[language],
    logins: logins[language],
    register: register[language],
    reports: reports[language],
    trace: trace[language],
    keys: keys[language],
    settings: settings[language],
    services: { ...ofServices, ...serviceForm[language] },
    states,
  };
}

/** Texts of the administration console. */
export const consoleMessages: Readonly<Record<Language, ReturnType<typeof messagesIn>>> = {
  it: messagesIn('it'),
  en: messagesIn('en'),
};
