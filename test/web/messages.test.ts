import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/identity/language.ts';
import { consoleMessages } from '../../src/web/messages/console.ts';
import { messages } from '../../src/web/messages/index.ts';

const VARIABLES = { service: 'Sportello unico', level: 2 };

/** Every text of a language with the path that leads to it; texts with variables are given some. */
function texts(value: unknown, path: string): [path: string, text: unknown][] {
  if (typeof value === 'function') {
    const write = value as (variables: unknown) => unknown;
    return [[path, write(path.includes('.texts.') ? VARIABLES : 'Sportello unico')]];
  }
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe.each(LANGUAGES)('messages in %s', (language) => {
  const all = texts(messages(language), language);

  it('says something everywhere', () => {
    expect(all.filter(([, text]) => typeof text !== 'string' || text.trim().length < 2)).toEqual([]);
  });

  it('leaves no variable unfilled and no technical word in front of a citizen', () => {
    const technical = /\$\{|\{\w+\}|undefined|\[object|SAML|OIDC|OpenID|token|assertion|HTTP|nr\d\d/i;
    expect(all.filter(([, text]) => technical.test(String(text)))).toEqual([]);
  });

  it('keeps titles short enough to be read out at once', () => {
    const titles = Object.values(messages(language).problem.texts).map(({ title }) => title);
    expect(titles.filter((title) => title.length > 60 || title.endsWith('.'))).toEqual([]);
  });

  it('names the service and the level where they make the difference', () => {
    const problem = messages(language).problem.texts['level-not-held'];
    expect(problem.happened(VARIABLES)).toContain('Sportello unico');
    expect(problem.happened(VARIABLES)).toContain('2');
  });
});

describe('messages', () => {
  it('differ between the languages', () => {
    const [it_, en] = LANGUAGES.map((language) => new Map(texts(messages(language), '')));
    const same = [...(it_ ?? [])].filter(([path, text]) => en?.get(path) === text).map(([, text]) => text);
    expect(same).toEqual([]);
  });
});

const SOURCES = join(import.meta.dirname, '../../src');

describe.each(LANGUAGES)('the audit trail in %s', (language) => {
  it('has words for whatever the gateway notes', () => {
    const words = Object.keys(consoleMessages[language].audit.actions);
    const noted = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(join(SOURCES, file), 'utf8').matchAll(
          /(?:\baction(?::| =)|\b(?:PLACED|LIFTED) =)[^;,\n]*?'([a-z-]+\.[a-z-]+)'(?: : '([a-z-]+\.[a-z-]+)')?/g,
        ),
      ])
      .flatMap(([, one, other]) => (other === undefined ? [one] : [one, other]));
    expect(noted).toContain('keys.rewrap');
    expect(noted.filter((action) => !words.includes(action ?? ''))).toEqual([]);
  });
});
