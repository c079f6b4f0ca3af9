import type { Context } from 'koa';
import { LANGUAGES, otherThan, type Language } from '../identity/language.ts';

const COOKIE = 'language';
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * The language of a page: what the citizen chose with the switch (`?lang=`, then remembered), else what the service
 * asked for (`ui_locales`), else what the browser prefers, else Italian.
 */
export function languageOf(ctx: Context, uiLocales: readonly string[] = []): Language {
  const chosen = supported(single(ctx.query['lang']));
  if (chosen) {
    ctx.cookies.set(COOKIE, chosen, { signed: false, httpOnly: true, sameSite: 'lax', maxAge: YEAR_MS });
    return chosen;
  }
  const remembered = supported(ctx.cookies.get(COOKIE, { signed: false }));
  if (remembered) return remembered;
  for (const locale of uiLocales) {
    const asked = supported(locale.split('-')[0]);
    if (asked) return asked;
  }
  return supported(ctx.acceptsLanguages([...LANGUAGES]) || undefined) ?? LANGUAGES[0];
}

/**
 * This page in the other language. Relative to the page: a path of the sender's choice (`//elsewhere/…`) must not end
 * up in a link.
 */
export function alternateUrl(ctx: Context, language: Language): string {
  // The address as the browser has it: what the OpenID Provider keeps back from it has to stay out of links, too.
  const query = new URLSearchParams(ctx.originalUrl.replace(/^[^?]*/, ''));
  query.set('lang', otherThan(language));
  return `?${query.toString()}`;
}

function supported(value: string | undefined): Language | undefined {
  return LANGUAGES.find((language) => language === value);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
