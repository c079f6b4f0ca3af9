import type Router from '@koa/router';

/** Something the gateway cannot serve citizens without. */
export interface Readiness {
  readonly name: string;
  /** @returns what is wrong; undefined when it works */
  readonly check: () => Promise<string | undefined>;
  /** What works and will not for long; shown, no reason to send citizens elsewhere. */
  readonly warnings?: () => Promise<readonly string[]>;
}

/** `/health/live`: the process answers. `/health/ready`: so does everything it depends on (200 or 503, in JSON). */
export function mountHealth(router: Router, dependencies: readonly Readiness[]): void {
  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/health/ready', async (ctx) => {
    const results = await Promise.all(
      dependencies.map(async ({ name, check }) => [name, (await check()) ?? 'ok'] as const),
    );
    // Who cannot tell because the store is away is silent: that the store is away is said already.
    const warnings = await Promise.all(
      dependencies.map(async (one) => (await one.warnings?.().catch(() => [])) ?? []),
    );
    const ready = results.every(([, result]) => result === 'ok');
    ctx.status = ready ? 200 : 503;
    ctx.body = {
      status: ready ? 'ok' : 'not ready',
      dependencies: Object.fromEntries(results),
      warnings: warnings.flat(),
    };
  });
}
