import type { Context, Middleware } from 'koa';

/** What a page may do beyond the strictest. */
export interface PagePolicy {
  /**
   * Where the page's forms lead besides to us, redirects included, for browsers of the Chromium family judge every one
   * of them: URLs, or a whole scheme (`https:`) where the redirects of others are not ours to know. Left out: any
   * provider and any service on the web; a service that is an app on the phone has to be named.
   */
  readonly leadsTo?: readonly string[];
  /** Our own script files may run, and ask us. */
  readonly ownScripts?: boolean;
  /** Of the one script that may run. */
  readonly nonce?: string;
}

/** Headers of every answer. Whatever is not allowed here does not happen in the browser. */
export function securityHeaders(publicUrl: string): Middleware {
  const https = publicUrl.startsWith('https:');
  return async (ctx, next) => {
    ctx.set({
      'X-Content-Type-Options': 'nosniff',
      // Our own origin sees where its forms come from; nobody else learns which login this is.
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
      'X-Frame-Options': 'DENY',
      'Cache-Control': 'no-store',
    });
    if (https) ctx.set('Strict-Transport-Security', 'max-age=31536000');
    applyPolicy(ctx, {}, publicUrl);
    await next();
  };
}

/** Sets the content security policy of a page. */
export function applyPolicy(ctx: Context, policy: PagePolicy, publicUrl: string): void {
  // On this machine (the demo) the other parties have no https either.
  const elsewhere = publicUrl.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  const formAction = ["'self'", ...(policy.leadsTo?.map(source) ?? elsewhere)].join(' ');
  ctx.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      ...(policy.ownScripts ? ["script-src 'self'", "connect-src 'self'"] : []),
      ...(policy.nonce ? [`script-src 'nonce-${policy.nonce}'`] : []),
      `form-action ${formAction}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
}

/** How a policy names a place: by origin, or by scheme where there is none (`it.example.app:/callback`). */
function source(place: string): string {
  if (/^[a-z][a-z0-9+.-]*:$/.test(place)) return place;
  const { origin, protocol } = new URL(place);
  return origin === 'null' ? protocol : origin;
}
