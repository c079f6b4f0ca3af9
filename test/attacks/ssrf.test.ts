import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, testClient } from '../support/relying-party.ts';
import { openCanary, type Canary } from './canary.ts';

const PUBLIC_URL = 'https://accesso.example.it';
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

let canary: Canary;
let gateway: TestGateway;
beforeAll(async () => {
  canary = await openCanary();
  gateway = await startTestGateway({
    storeUrl: 'sqlite::memory:',
    clients: HOSTS.map((host, at) =>
      testClient(`inside-${at}`, {
        authMethod: 'private_key_jwt',
        attributes: [],
        jwksUri: `https://${host}:${canary.port}/keys`,
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
afterAll(() => Promise.all([gateway.stop(), canary.stop()]));

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
      ...{ grant_type: 'authorization_code', code: 'none', redirect_uri: REDIRECT },
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
