import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestedAttributes } from '../../src/clients/attributes.ts';
import type { Client } from '../../src/clients/client.ts';
import { ClientRegister } from '../../src/clients/register.ts';
import { clientViolations } from '../../src/clients/rules.ts';
import type { Entity } from '../../src/entities/entity.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const same = (text: string) => ({ it: text, en: text });
const client: Client = {
  id: 'suap',
  entity: 'unione',
  name: same('SUAP'),
  applicationType: 'web',
  redirectUris: ['https://suap.example.it/callback'],
  postLogoutRedirectUris: [],
  authMethod: 'client_secret_basic',
  refreshTokens: false,
  idTokenAlgorithm: 'RS256',
  sector: 'unione',
  minimumLevel: 2,
  attributes: [
    { name: 'name', purpose: same('x'), required: true },
    { name: 'email', purpose: same('x'), required: false },
  ],
  homePage: 'https://suap.example.it/',
};

describeStores('the register of clients', (openUrl) => {
  let now = new Date('2026-03-05T18:00:00Z');
  let store: Store;
  let clients: ClientRegister;

  beforeAll(async () => {
    const clock = { now: () => now };
    store = await openStore(await openUrl(), clock);
    clients = new ClientRegister(store, clock);
    await clients.seed([{ client, secrets: ['first secret', 'second secret'] }]);
  });
  afterAll(() => store.close());

  it('gives a client back as it was declared, at once after every change', async () => {
    expect(await clients.find('suap')).toEqual(client);
    await clients.seed([{ client: { ...client, minimumLevel: 3 }, secrets: ['first secret'] }]);
    expect((await clients.find('suap'))?.minimumLevel).toBe(3);
  });

  it('keeps secrets only as argon2id, and those that stay as they are', async () => {
    const [before] = await store.db.selectFrom('client_secrets').selectAll().execute();
    expect(before?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await clients.seed([{ client, secrets: ['first secret', 'third secret'] }]);
    const rows = await store.db.selectFrom('client_secrets').selectAll().execute();
    expect(rows.map(({ id }) => id)).toContain(before?.id);
    expect(rows).toHaveLength(2);
  });

  it('accepts each secret in force, no other, and notes their use', async () => {
    expect(await clients.secrets.verify('suap', 'first secret')).toBe(true);
    expect(await clients.secrets.verify('suap', 'third secret')).toBe(true);
    for (const wrong of ['second secret', 'First secret', '', 'x'.repeat(10_000)])
      expect(await clients.secrets.verify('suap', wrong)).toBe(false);
    expect(await clients.secrets.verify('another', 'first secret')).toBe(false);
    const used = await store.db.selectFrom('client_secrets').select('last_used_at').execute();
    expect(used.every(({ last_used_at: at }) => at === now.getTime())).toBe(true);
  });

  it('forgets that a secret verified when it is withdrawn or expires', async () => {
    now = new Date(now.getTime() + 1000);
    await store.db.updateTable('client_secrets').set({ expires_at: now.getTime() }).execute();
    expect(await clients.secrets.verify('suap', 'first secret')).toBe(false);
  });

  it('removes clients of our own pages that are no longer declared, with their secrets', async () => {
    await clients.seed([]);
    expect([
      await clients.find('suap'),
      await store.db.selectFrom('client_secrets').selectAll().execute(),
    ]).toEqual([undefined, []]);
  });
});

describe('rules for clients', () => {
  const entity = {
    id: 'unione',
    attributeSets: [{ index: 0, name: 'x', attributes: ['spidCode', 'fiscalNumber', 'name', 'email'] }],
  } as unknown as Entity;
  const violations = (changes: Partial<Client>, secrets = 1) =>
    clientViolations({ ...client, ...changes }, entity, secrets).map(({ key }) => key);

  it('accept a client as it should be', () => {
    expect(violations({})).toEqual([]);
  });

  it.each([
    [{ redirectUris: ['http://suap.example.it/'] }, 'redirectUris[0]'],
    [{ redirectUris: ['https://suap.example.it/#fragment'] }, 'redirectUris[0]'],
    [{ redirectUris: ['https://user@suap.example.it/'] }, 'redirectUris[0]'],
    [{ redirectUris: ['/callback'] }, 'redirectUris[0]'],
    [{ redirectUris: ['https://*.example.it/callback'] }, 'redirectUris[0]'],
    [{ postLogoutRedirectUris: ['https://suap.example.it/*'] }, 'postLogoutRedirectUris[0]'],
    [{ redirectUris: ['javascript:alert(1)'] }, 'redirectUris[0]'],
    [{ redirectUris: ['it.example.app:/cb'] }, 'redirectUris[0]'],
    [{ applicationType: 'native', redirectUris: ['myapp:/cb'] }, 'redirectUris[0]'],
    [{ postLogoutRedirectUris: ['ftp://suap.example.it/'] }, 'postLogoutRedirectUris[0]'],
    [{ attributes: [{ name: 'gender', purpose: same('x'), required: false }] }, 'attributes'],
    [{ jwks: { keys: [{ kty: 'EC', d: 'private' }] } }, 'jwks'],
  ] as const)('refuse %o', (changes, key) => {
    expect(violations(changes)).toEqual([key]);
  });

  it('let native applications use loopback addresses and schemes of reversed domains', () => {
    expect(
      violations({ applicationType: 'native', redirectUris: ['it.example.app:/cb', 'http://127.0.0.1/cb'] }),
    ).toEqual([]);
  });

  it('want a secret exactly where one is used', () => {
    expect(violations({}, 0)).toEqual(['secrets']);
    expect(violations({ authMethod: 'none' }, 1)).toEqual(['secrets']);
    expect(violations({ authMethod: 'private_key_jwt' }, 0)).toEqual(['jwks']);
  });
});

describe('what a request is about', () => {
  it('is what the client asks for, of what it is approved for, and always what it cannot do without', () => {
    const asked = (scope: string[]) => requestedAttributes(client, { scope, claims: [] }, 'https://p/');
    expect(asked(['openid'])).toEqual(['name']);
    expect(asked(['openid', 'email', 'phone'])).toEqual(['name', 'email']);
  });
});
