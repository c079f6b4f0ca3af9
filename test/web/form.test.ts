import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/operations/errors.ts';
import { readOwnForm } from '../../src/web/form.ts';
import { serve } from './server.ts';

const PUBLIC = 'https://accesso.example.it';
const FORM = 'application/x-www-form-urlencoded';

/** What becomes of a POST: its fields, or the code of the refusal. */
async function post(headers: Record<string, string>, body = 'provider=a%20b'): Promise<unknown> {
  const app = new Koa();
  app.use(async (ctx) => {
    try {
      ctx.body = Object.fromEntries(await readOwnForm(ctx, PUBLIC));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      ctx.body = error.code;
    }
  });
  const answer = await fetch(await serve(app), {
    method: 'POST',
    body,
    headers: { 'content-type': FORM, ...headers },
  });
  const text = await answer.text();
  return text.startsWith('{') ? JSON.parse(text) : text;
}

describe('a form of our own', () => {
  it.each([
    { 'sec-fetch-site': 'same-origin' },
    { origin: PUBLIC },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
  ])('is read when the browser says that it comes from here: %j', async (headers: Record<string, string>) => {
    expect(await post(headers)).toEqual({ provider: 'a b' });
  });

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'https://other.example.it', 'sec-fetch-site': 'same-site' },
    { origin: PUBLIC, 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    {},
  ])(
    'is refused when it comes from elsewhere, or nobody says from where: %j',
    async (headers: Record<string, string>) => {
      expect(await post(headers)).toBe('foreign_form');
    },
  );

  it('is refused in another format, with a field twice, or too large', async () => {
    const origin = { origin: PUBLIC };
    expect(await post({ ...origin, 'content-type': 'application/json' }, '{}')).toBe('not_a_form');
    expect(await post(origin, 'provider=a&provider=b')).toBe('duplicate_field');
    expect(await post(origin, `provider=${'a'.repeat(17_000)}`)).toBe('body_too_large');
  });
});
