import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Driver, StepFailed } from '../../src/demo/driver.ts';
import type { Demo } from '../../src/demo/start.ts';
import { openReadingRoom } from '../../src/gateway/consultations.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import type { Register } from '../../src/register/register.ts';
import { verifyChain } from '../../src/register/verify.ts';
import { registerUnanswered } from '../../src/sources/spid/unanswered.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startDemoAnywhere } from '../support/demo.ts';
import { describeStores } from '../support/stores.ts';

const HOUR = 60 * 60 * 1000;

describeStores('the register of whole journeys', (openUrl) => {
  let demo: Demo;
  let store: Store;
  let register: Register;

  beforeAll(async () => {
    demo = await startDemoAnywhere({ storeUrl: await openUrl(), binding: 'redirect' });
    store = await openStore(demo.configuration.store.url, systemClock);
    register = openRegister(demo.configuration, ring());
  });
  afterAll(async () => {
    await store.close();
    await demo.stop();
  });

  const ring = () =>
    loadKeys(demo.configuration.keys.directory, { passphrase: demo.configuration.keys.passphrase });

  async function atProvider(): Promise<Driver> {
    const browser = new Driver();
    await browser.visit('login', `${demo.suapUrl}/login?idp_hint=${demo.identityProviderUrl}`);
    return browser;
  }
  async function loggedIn(): Promise<Driver> {
    const browser = await atProvider();
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    await browser.press('send the response');
    return browser;
  }
  const newest = () =>
    store.db
      .selectFrom('register_entries')
      .selectAll()
      .where('kind', '=', 'request')
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();

  it('tells one login as one story: request, answer, code, tokens, the data that was read, logout', async () => {
    const browser = await loggedIn();
    const { transaction_id, reference } = await newest();
    await browser.press('leave the service', 'Esci');
    await browser.press('leave every service');
    const story = await register.trace(store.db, reference);
    expect(story.map(({ kind, outcome, clientId, level }) => [kind, outcome, clientId, level])).toEqual([
      ['request', null, 'suap', 2],
      ['response', 'accepted', 'suap', 2],
      ['granted', null, 'suap', 2],
      ['tokens', null, 'suap', 2],
      ['released', null, 'suap', 2],
      ['logged-out', null, null, 2],
    ]);
    expect(new Set(story.map(({ transactionId }) => transactionId))).toEqual(new Set([transaction_id]));
    expect(story[4]?.claims).toEqual(expect.arrayContaining(['sub', 'name', 'family_name']));
    const persons = await store.db
      .selectFrom('register_entries')
      .select('person_hash')
      .distinct()
      .where('transaction_id', '=', transaction_id)
      .where('kind', '!=', 'request')
      .execute();
    expect(persons).toHaveLength(1);
    const [request, response, granted, tokens, released, left] = await register.evidence(
      store.db,
      transaction_id,
    );
    expect(request).toMatchObject({
      binding: 'redirect',
      xml: expect.stringContaining('<samlp:AuthnRequest') as string,
    });
    expect(request).toMatchObject({
      query: expect.stringMatching(/^SAMLRequest=.*&RelayState=.*&SigAlg=.*&Signature=/) as string,
    });
    expect(request?.['metadata']).toMatch(/^[\w-]{43}$/);
    expect(response?.['providerMetadata']).toMatch(/^[0-9a-f]{64}$/);
    expect(response?.['verifiedBy']).toBeInstanceOf(Uint8Array);
    expect(granted).toMatchObject({
      what: 'code',
      grantHash: tokens?.['grantHash'],
      sessionHash: left?.['sessionHash'],
    });
    expect(tokens?.['idHash']).toBe(released?.['tokenHash']);
  });

  it('verifies every signature years later, of requests by Redirect and of errors too', async () => {
    const browser = await atProvider();
    await browser.press('give up', '25');
    // By POST, with an error: a page of the gateway.
    await browser.press('send the response').catch((error: unknown) => {
      if (!(error instanceof StepFailed)) throw error;
    });
    const { transaction_id } = await newest();
    const reading = openReadingRoom(demo.configuration, {
      store,
      register,
      clock: systemClock,
      log: createLog({ level: 'silent' }),
      keys: ring(),
      providerName: () => undefined,
    });
    const by = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' } as const;
    const day = 24 * HOUR;
    const [from, to] = [-day, day].map((later) => new Date(systemClock.now().getTime() + later));
    const { id } = await reading.consultations.ask({ from, to }, 'verifica delle firme', by);
    const { zip } = await reading.export(id, by, transaction_id);
    const manifest = Buffer.from(unzipSync(await buffer(zip))['manifest.json'] ?? []).toString();
    const { entries } = JSON.parse(manifest) as {
      entries: { kind: string; outcome: string | null; signatures: Record<string, unknown>[] }[];
    };
    expect(entries.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['request', null],
      ['response', 'spid_nr25'],
    ]);
    const [request, response] = entries.flatMap(({ signatures }) => signatures);
    expect(request).toMatchObject({ element: 'AuthnRequest', form: 'query', outcome: 'verifies' });
    expect(response).toMatchObject({ element: 'Response', form: 'enveloped', outcome: 'verifies' });
    expect(response).toMatchObject({ verifiedThen: true, metadata: expect.any(String) as string });
  });

  it('counts a second service entered without a new login to the same story', async () => {
    const browser = await loggedIn();
    const { transaction_id } = await newest();
    await browser.visit('login again', `${demo.suapUrl}/login`);
    const kinds = (await register.trace(store.db, (await newest()).reference)).map(({ kind }) => kind);
    expect((await newest()).transaction_id).toBe(transaction_id);
    expect(kinds).toEqual([
      'request',
      'response',
      'granted',
      'tokens',
      'released',
      'granted',
      'tokens',
      'released',
    ]);
  });

  it('hands out no code that it cannot write down: the citizen sees a page', async () => {
    const rename = (from: string, to: string) => store.db.schema.alterTable(from).renameTo(to).execute();
    const browser = new Driver(async ({ pathname }) => {
      // The answer is written; what would follow from it no longer can be.
      if (pathname.endsWith('/finish')) await rename('register_entries', 'register_out_of_order');
    });
    await browser.visit('login', `${demo.suapUrl}/login?idp_hint=${demo.identityProviderUrl}`);
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    const codes = () =>
      store.db
        .selectFrom('oidc_records')
        .select('id_hash')
        .where('model', '=', 'AuthorizationCode')
        .execute();
    const before = await codes();
    try {
      await browser.press('send the response').catch((error: unknown) => {
        if (!(error instanceof StepFailed)) throw error;
      });
    } finally {
      await rename('register_out_of_order', 'register_entries');
    }
    expect(await codes()).toHaveLength(before.length);
  });

  it('keeps a refused logout request as it arrived, under the reference on the page', async () => {
    const query = 'SAMLRequest=abc&SigAlg=x&Signature=y';
    const page = await fetch(`${demo.gatewayUrl}/spid/unione/slo?${query}`);
    expect(page.status).toBe(400);
    const reference = /<strong translate="no">([^<]*)</.exec(await page.text())?.[1] ?? '';
    const [entry] = await register.trace(store.db, reference);
    expect(entry).toMatchObject({ kind: 'logout-request', outcome: 'not_base64' });
    expect(await register.evidence(store.db, entry?.transactionId ?? '')).toEqual([
      { binding: 'redirect', query },
    ]);
    const form = await fetch(`${demo.gatewayUrl}/spid/unione/slo`, {
      method: 'POST',
      body: new URLSearchParams({ SAMLResponse: 'nothing' }),
    });
    const [response] = await register.trace(
      store.db,
      /<strong translate="no">([^<]*)</.exec(await form.text())?.[1] ?? '',
    );
    expect(response).toMatchObject({ kind: 'logout-response' });
  });

  it('is whole after all of this', async () => {
    const { entries, faults } = await verifyChain(store.db, 'unione', register.keys.of('unione'), []);
    expect(faults).toEqual([]);
    expect(entries).toBeGreaterThan(12);
  });

  it('notes a request that nobody answered, once', async () => {
    await atProvider();
    const { reference, transaction_id } = await newest();
    const later = { now: () => new Date(systemClock.now().getTime() + 2 * HOUR) };
    const noted = await Promise.all(
      Array.from({ length: 3 }, () => registerUnanswered({ store, register, clock: later })),
    );
    expect(noted.reduce((sum, one) => sum + one)).toBeGreaterThan(0);
    expect(await registerUnanswered({ store, register, clock: later })).toBe(0);
    const story = await register.trace(store.db, reference);
    expect(story.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['request', null],
      ['no-answer', 'unanswered'],
    ]);
    expect(story.every((entry) => entry.transactionId === transaction_id)).toBe(true);
  });

  it('notes every request that nobody answered, however many there are', async () => {
    await atProvider();
    const pending = await store.db
      .selectFrom('pending_requests')
      .selectAll()
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow();
    await store.db
      .insertInto('pending_requests')
      .values(Array.from({ length: 100 }, (_, at) => ({ ...pending, id: `_many-${at}` })))
      .execute();
    const later = { now: () => new Date(systemClock.now().getTime() + 2 * HOUR) };
    expect(await registerUnanswered({ store, register, clock: later })).toBe(101);
  });
});
