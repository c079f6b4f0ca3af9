import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { applyPolicy, securityHeaders, type PagePolicy } from '../../src/web/headers.ts';
import { serve } from './server.ts';

async function headersOf(publicUrl: string, policy?: PagePolicy): Promise<Headers> {
  const app = new Koa();
  app.use(securityHeaders(publicUrl));
  app.use((ctx) => {
    if (policy) applyPolicy(ctx, policy, publicUrl);
    ctx.body = 'page';
  });
  return (await fetch(await serve(app))).headers;
}

async function directive(name: string, publicUrl: string, policy?: PagePolicy): Promise<string | undefined> {
  const all = (await headersOf(publicUrl, policy)).get('content-security-policy')?.split('; ') ?? [];
  return all.find((one) => one.startsWith(`${name} `))?.slice(name.length + 1);
}

const PUBLIC = 'https://accesso.example.it';

describe('security headers', () => {
  it('forbid framing, sniffing, keeping, and telling others where one comes from', async () => {
    const headers = await headersOf(PUBLIC);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(await directive('frame-ancestors', PUBLIC)).toBe("'none'");
    expect(await directive('base-uri', PUBLIC)).toBe("'none'");
    expect(await directive('default-src', PUBLIC)).toBe("'none'");
  });

  it('demand https for a year, and only where there is https', async () => {
    expect((await headersOf(PUBLIC)).get('strict-transport-security')).toBe('max-age=31536000');
    expect((await headersOf('http://localhost:3000')).has('strict-transport-security')).toBe(false);
  });

  it('allow no script, or the one whose nonce is named', async () => {
    expect(await directive('script-src', PUBLIC)).toBeUndefined();
    expect(await directive('script-src', PUBLIC, { nonce: 'bm9uY2U=' })).toBe("'nonce-bm9uY2U='");
  });

  it('let forms lead where the page says and nowhere else, apps included', async () => {
    const leadsTo = [
      'https://suap.example.it/callback?x=1',
      'it.example.app:/callback',
      'http://127.0.0.1:8080/cb',
    ];
    expect(await directive('form-action', PUBLIC, { leadsTo })).toBe(
      "'self' https://suap.example.it it.example.app: http://127.0.0.1:8080",
    );
    expect(await directive('form-action', PUBLIC, { leadsTo: ['https:'] })).toBe("'self' https:");
    expect(await directive('form-action', PUBLIC, { leadsTo: [] })).toBe("'self'");
  });

  it('never let a form leave https where the gateway itself has it', async () => {
    expect(await directive('form-action', PUBLIC)).toBe("'self' https:");
    expect(await directive('form-action', 'http://localhost:3000')).toBe("'self' https: http:");
  });
});
