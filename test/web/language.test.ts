import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { alternateUrl, languageOf } from '../../src/web/language.ts';
import { serve } from './server.ts';

async function ask(path: string, headers: Record<string, string> = {}, uiLocales: readonly string[] = []) {
  const app = new Koa();
  app.use((ctx) => {
    const language = languageOf(ctx, uiLocales);
    ctx.body = { language, other: alternateUrl(ctx, language) };
  });
  const answer = await fetch((await serve(app)) + path, {
    headers: { 'accept-language': '*', ...headers },
  });
  const { language, other } = (await answer.json()) as { language: string; other: string };
  return { language, other, cookie: answer.headers.get('set-cookie') };
}

describe('the language of a page', () => {
  it('is what the citizen chose, and is remembered', async () => {
    const { language, cookie } = await ask('/?lang=en', { 'accept-language': 'it' }, ['it']);
    expect(language).toBe('en');
    expect(cookie).toMatch(/^language=en; .*httponly/i);
    expect((await ask('/', { cookie: 'language=en', 'accept-language': 'it' }, ['it'])).language).toBe('en');
  });

  it('is else what the service asked for, else what the browser prefers, else Italian', async () => {
    expect((await ask('/', { 'accept-language': 'it' }, ['fr', 'en-GB'])).language).toBe('en');
    expect((await ask('/', { 'accept-language': 'de, en;q=0.5' })).language).toBe('en');
    expect((await ask('/', { 'accept-language': 'de' })).language).toBe('it');
    expect((await ask('/')).language).toBe('it');
  });

  it('ignores what is no language of ours', async () => {
    for (const lang of ['/?lang=fr', '/?lang=', '/?lang=%3Cscript%3E']) {
      expect(await ask(lang)).toMatchObject({ language: 'it', cookie: null });
    }
  });

  it('switches on the same page, keeping what was asked, and never leads elsewhere', async () => {
    expect((await ask('/login/abc?choose')).other).toBe('?choose=&lang=en');
    const { other } = await ask('//evil.example/page?lang=it');
    expect(new URL(other, 'https://accesso.example.it//evil.example/page').origin).toBe(
      'https://accesso.example.it',
    );
  });
});
