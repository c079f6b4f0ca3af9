import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/operations/errors.ts';
import { readOwnForm } from '../../src/web/form.ts';
import { serve } from './server.ts';

const PUBLIC = 'https://accesso.example.it';
const FORM = 'application/x-www-form-urlencoded';

/** What becomes of a POST: its fields, or the code of the refusal. */
async function post(
  headers: Record<string, string>,
  body: string | Buffer | ReadableStream = 'provider=a%20b',
): Promise<unknown> {
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
    body: body as BodyInit,
    headers: { 'content-type': FORM, ...headers },
    // Undici insists on it where the length is not known; the types of Node do not know it.
    ...(body instanceof ReadableStream ? ({ duplex: 'half' } as RequestInit) : {}),
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

  it.each(['provider=%00', '%00=a', 'provider=%ff', 'provider=%ed%a0%80', 'provider=\udead', 'provider=a\0'])(
    'is refused when it is not text that can be kept: %j',
    async (body) => {
      // What no character stands for is sent as the byte that its number ends with.
      const sent = body.isWellFormed() ? body : Buffer.from(body, 'latin1');
      expect(await post({ origin: PUBLIC }, sent)).toBe('characters_refused');
    },
  );

  it.each([
    ['provider=100%', '100%'],
    ['provider=%25zz%zz', '%zz%zz'],
    ['provider=%e2%82%ac+%F0%9F%98%80', '€ 😀'],
    ['provider=a%0d%0ab', 'a\r\nb'],
  ])('is read as browsers mean it: %s', async (body, provider) => {
    expect(await post({ origin: PUBLIC }, body)).toEqual({ provider });
  });

  it('is refused, and its sender told so, also when nobody has said how large it is', async () => {
    const parts = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 64; part++) controller.enqueue(Buffer.alloc(1024, 'a'));
        controller.close();
      },
    });
    expect(await post({ origin: PUBLIC }, parts)).toBe('body_too_large');
  });
});
