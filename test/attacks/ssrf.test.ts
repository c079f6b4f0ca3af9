import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { LogoutNotices } from '../../src/provider/logout-notices.ts';
import { openStore } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, testClient } from '../support/relying-party.ts';
import { openCanary, type Canary } from './canary.ts';

const PUBLIC_URL = 'https://accesso.example.it';
/** Where the services say they are when they are registered. */
const OUTSIDE = 'https://service.example.it';
/** Names for this machine. */
const HOSTS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  'localhost',
  'x.localhost',
  '0.0.0.0',
  '[::1]',
  '[::ffff:127.0.0.1]',
];

const directory = mkdtempSync(join(tmpdir(), 'ssrf-'));
const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
let canary: Canary;
let gateway: TestGateway;
beforeAll(async () => {
  canary = await openCanary();
  gateway = await startTestGateway({
    storeUrl,
    clients: HOSTS.map((_, at) =>
      testClient(`inside-${at}`, {
        authMethod: 'private_key_jwt',
        attributes: [],
        jwksUri: `${OUTSIDE}/keys`,
        backchannelLogoutUri: `${OUTSIDE}/logout`,
      }),
    ),
    // A gateway that the world sees: for trials on one machine the guard is lifted.
    change: (input) => ({
      ...input,
      publicUrl: PUBLIC_URL,
      behindProxy: true,
      entities: input.entities?.map((entity) => ({ ...entity, entityId: `${PUBLIC_URL}/spid` })) ?? [],
    }),
  });
});
beforeAll(async () => {
  // No such service can be registered; it is as if it had been before that was a rule.
  const store = await openStore(storeUrl, systemClock);
  for (const [at, host] of HOSTS.entries()) {
    const row = store.db.selectFrom('clients').select('metadata').where('id', '=', `inside-${at}`);
    const { metadata } = await row.executeTakeFirstOrThrow();
    const inside = metadata.replaceAll(OUTSIDE, `https://${host}:${canary.port}`);
    await store.db
      .updateTable('clients')
      .set({ metadata: inside })
      .where('id', '=', `inside-${at}`)
      .execute();
  }
  await store.close();
});
afterAll(async () => {
  await Promise.all([gateway.stop(), canary.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A client shows who it is, by a key that it says is published somewhere. */
async function authenticate(clientId: string) {
  const { host, port } = gateway.configuration.listen;
  const client_assertion = await new SignJWT({ jti: clientId })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(PUBLIC_URL)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  const answer = await fetch(`http://${host}:${port}/oidc/token`, {
    method: 'POST',
    headers: { 'x-forwarded-proto': 'https' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'none',
      redirect_uri: REDIRECT,
      code_verifier: 'v'.repeat(43),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    }),
  });
  return { status: answer.status, error: ((await answer.json()) as { error: string }).error };
}

describe('S50 a client whose keys are said to be inside our network', () => {
  it.each(HOSTS.map((host, at) => ({ host, at })))(
    'at $host is refused, and nobody is asked there',
    async ({ at }) => {
      expect(await authenticate(`inside-${at}`)).toEqual({ status: 401, error: 'invalid_client' });
      expect(canary.calls()).toBe(0);
    },
  );
});

describe('S50 a client that wants to be told of logouts inside our network', () => {
  it('is not, wherever it says it is', async () => {
    const store = await openStore(storeUrl, systemClock);
    onTestFinished(() => store.close());
    const { directory: keyDirectory, passphrase } = gateway.configuration.keys;
    const notices = new LogoutNotices(store, loadKeys(keyDirectory, { passphrase }).cipher, systemClock);
    for (const at of HOSTS.keys())
      await notices.tell(store.db, { clientId: `inside-${at}`, personId: 'somebody', sid: `${at}` });
    await vi.waitFor(
      async () => {
        const failures = (await notices.list()).map(({ failure }) => failure);
        expect(failures).toEqual(HOSTS.map(() => 'unreachable'));
      },
      { timeout: 5000, interval: 50 },
    );
    expect(canary.calls()).toBe(0);
  });
});
