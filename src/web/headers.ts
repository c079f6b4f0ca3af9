import type { Context, Middleware } from 'koa';

/** What a page may do beyond the strictest. */
export interface PagePolicy {
  /** Origins a form may lead to, redirects included; `https:` where a provider's own redirects are not ours to know. */
  readonly formAction?: readonly string[];
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
    if (https) ctx.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    applyPolicy(ctx, {}, publicUrl);
    await next();
  };
}

/** Sets the content security policy of a page. */
export function applyPolicy(ctx: Context, policy: PagePolicy, publicUrl: string): void {
  // On this machine (the demo) the other parties have no https either.
  const elsewhere = publicUrl.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  const formAction = ["'self'", ...(policy.formAction ?? elsewhere)].join(' ');
  ctx.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      ...(policy.nonce ? [`script-src 'nonce-${policy.nonce}'`] : []),
      `form-action ${formAction}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
}
