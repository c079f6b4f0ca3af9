import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/operations/log.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway } from '../support/gateway.ts';
import { emptyDatabase } from '../support/stores.ts';

const CLIENT = {
  id: 'suap',
  entity: 'unione',
  name: { it: 'SUAP' },
  homePage: 'https://suap.example.it/',
  redirectUris: ['https://suap.example.it/callback'],
  authMethod: 'none' as const,
  attributes: [],
};

const AUTHORIZATION = new URLSearchParams({
  client_id: 'suap',
  response_type: 'code',
  scope: 'openid',
  state: 's',
  redirect_uri: CLIENT.redirectUris[0] ?? '',
  code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
  code_challenge_method: 'S256',
});

it.skipIf(!process.env.TEST_POSTGRES_URL)(
  'asks citizens to come back while its database cannot be written to, says what it is, and goes on by itself',
  async () => {
    const url = await emptyDatabase();
    const lines: string[] = [];
    const port = await freePorts(1);
    const gateway = await startTestGateway({
      clients: [CLIENT],
      storeUrl: url,
      log: createLog({ level: 'info', destination: { write: (line) => lines.push(line) } }),
      change: (input) => ({ ...input, metrics: { port } }),
    });
    onTestFinished(() => gateway.stop());
    const administrator = await openStore(url, systemClock);
    onTestFinished(() => administrator.close());
    /** As after a failover to a standby: for every connection from now on. */
    const readOnly = async (yes: boolean) => {
      const database = sql.id(new URL(url).pathname.slice(1));
      await sql`set default_transaction_read_only = off`.execute(administrator.db);
      await sql`alter database ${database} set default_transaction_read_only = ${sql.lit(yes)}`.execute(
        administrator.db,
      );
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(administrator.db);
    };
    const ready = async () => {
      const answer = await fetch(`${gateway.url}/health/ready`);
      const { dependencies } = (await answer.json()) as { dependencies: { store: string } };
      return { status: answer.status, dependencies };
    };
    const authorization = `${gateway.url}/oidc/auth?${AUTHORIZATION}`;

    await readOnly(true);
    // Connections that were ended may take a moment to know.
    await expect.poll(ready).toMatchObject({
      status: 503,
      dependencies: { store: 'the store cannot be written to' },
    });
    const page = await fetch(authorization, { headers: { accept: 'text/html', 'accept-language': 'it' } });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('Riprova tra qualche minuto');
    const events = lines.map((line) => JSON.parse(line) as { event: string; code?: string });
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'store_trouble', code: 'store_read_only', severity: 'warn' }),
    );
    expect(events.filter(({ event }) => event === 'failure')).toEqual([]);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^gateway_failures_total 0$/m);

    await readOnly(false);
    await expect.poll(ready).toMatchObject({ dependencies: { store: 'ok' } });
    await gateway.login(authorization);
  },
);
