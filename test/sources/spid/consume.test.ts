import Koa from 'koa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entity } from '../../../src/entities/entity.ts';
import { EntityRegister } from '../../../src/entities/register.ts';
import { createLog } from '../../../src/operations/log.ts';
import { listen, type Listening } from '../../../src/operations/server.ts';
import type { Journey } from '../../../src/sources/source.ts';
import { ClockDrift } from '../../../src/sources/spid/clock-drift.ts';
import { consumeAssertion } from '../../../src/sources/spid/consume.ts';
import type { SpidOptions } from '../../../src/sources/spid/options.ts';
import { find, insert } from '../../../src/sources/spid/pending.ts';
import { IdentityProviders } from '../../../src/sources/spid/registry.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { testRegister } from '../../support/register.ts';
import {
  NOW,
  pendingRequest,
  PROVIDER,
  providerKey,
  RELAY_STATE,
  REQUEST_ID,
  responseXml,
  signed,
} from '../../support/spid-response.ts';
import { ENTITY, PUBLIC_URL } from './fixtures.ts';

const MINUTE = 60_000;

describe('the assertion consumer service (spid-response-validation, C2 and 5.5)', () => {
  let now: Date;
  let store: Store;
  let server: Listening;
  beforeEach(async () => {
    now = NOW;
    const clock = { now: () => now };
    store = await openStore('sqlite::memory:', clock);
    await store.transaction((transaction) => insert(transaction, pendingRequest()));
    const providers = new IdentityProviders();
    providers.add({
      entityId: PROVIDER,
      name: 'Provider',
      singleSignOn: {},
      singleLogout: {},
      certificates: [],
      declaredAttributes: [],
      signingKeys: [providerKey.publicKey],
      metadata: Buffer.from('x'),
      metadataHash: '',
    });
    const entities = new EntityRegister(store, clock, PUBLIC_URL);
    await entities.followConfiguration([ENTITY]);
    const options: SpidOptions = {
      publicUrl: PUBLIC_URL,
      entities,
      providers,
      store,
      register: testRegister(),
      clock,
      binding: () => 'post',
      lenient: () => [],
      comparison: 'minimum',
      skewSeconds: 30,
      requestMinutes: 30,
      isTestProvider: () => false,
      isTesting: async () => false,
      signingKey: () => {
        throw new Error('nothing is signed here');
      },
      metadata: async () => undefined,
      preview: async () => undefined,
      log: createLog({ level: 'silent' }),
    };
    // What follows an answer is the business of the login room.
    const journey = {
      arrive: async () => '/arrived',
      continuation: () => '/arrived',
      fail: async (ctx, { status, reason }) => {
        ctx.status = status;
        ctx.body = reason;
      },
    } satisfies Partial<Journey> as Partial<Journey> as Journey;
    const app = new Koa();
    app.use((ctx) =>
      consumeAssertion(ctx, options, entities.get(ENTITY.id) as Entity, journey, new ClockDrift()),
    );
    server = await listen(app.callback(), '127.0.0.1', 0);
  });
  afterEach(async () => {
    await server.stop();
    await store.close();
  });

  /** Posts an answer: where it leads, or why it leads nowhere. */
  async function post(xml: string): Promise<string> {
    const response = await fetch(`http://${server.address}/`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        SAMLResponse: Buffer.from(xml).toString('base64'),
        RelayState: RELAY_STATE,
      }),
    });
    return response.headers.get('location') ?? `${response.status} ${await response.text()}`;
  }

  const forAnother = () =>
    signed(responseXml().replace(/<saml:Audience>[^<]*/, '<saml:Audience>https://sp.example.it'));

  it('uses the request up when a signed answer is refused: it is not tried again with another', async () => {
    expect(await post(forAnother())).toBe('403 rejected');
    expect(await find(store.db, REQUEST_ID)).toMatchObject({ consumedAt: NOW });
    expect(await post(signed(responseXml()))).toBe('400 already-used');
  });

  it('leaves the request alone when nobody signed the answer', async () => {
    expect(await post(responseXml().replaceAll(/<!--.*?-->/g, ''))).toBe('403 rejected');
    expect(await post(signed(responseXml()))).toBe('/arrived');
  });

  it('leads the same answer on for a minute, and another one nowhere', async () => {
    const answer = signed(responseXml());
    expect(await post(answer)).toBe('/arrived');
    now = new Date(NOW.getTime() + MINUTE - 1);
    expect(await post(answer)).toBe('/arrived');
    expect(await post(signed(responseXml().replace('_r1', '_r9')))).toBe('400 already-used');
    now = new Date(NOW.getTime() + MINUTE);
    expect(await post(answer)).toBe('400 already-used');
  });

  it.each([
    [
      'its Conditions',
      (xml: string) => xml.replace(/(<saml:Conditions .*?NotOnOrAfter=")[^"]*/, '$12026-03-05T20:00:00Z'),
    ],
    [
      'its confirmation',
      (xml: string) =>
        xml.replace(/(<saml:SubjectConfirmationData .*?NotOnOrAfter=")[^"]*/, '$12026-03-05T20:00:00Z'),
    ],
  ])('remembers an assertion for an hour after the end of %s', async (_, change) => {
    expect(await post(signed(change(responseXml())))).toBe('/arrived');
    const { expires_at: until } = await store.db
      .selectFrom('used_once')
      .select('expires_at')
      .where('kind', '=', 'spid-assertion')
      .executeTakeFirstOrThrow();
    expect(new Date(until).toISOString()).toBe('2026-03-05T21:00:00.000Z');
  });
});
