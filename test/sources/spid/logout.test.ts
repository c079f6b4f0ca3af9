import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Entity } from '../../../src/entities/entity.ts';
import { Identities } from '../../../src/identity/identities.ts';
import { Persons } from '../../../src/identity/persons.ts';
import { selfSignedCertificate } from '../../../src/keys/certificate.ts';
import { cipherOf } from '../../../src/keys/cipher.ts';
import { keyedHashOf } from '../../../src/keys/keyed-hash.ts';
import { createLog } from '../../../src/operations/log.ts';
import { idHash } from '../../../src/provider/adapter.ts';
import { Endings } from '../../../src/provider/endings.ts';
import { LogoutNotices } from '../../../src/provider/logout-notices.ts';
import { logoutName, ownSid } from '../../../src/provider/own-pages.ts';
import { decodeBase64, postBinding, readRedirect, redirectBinding } from '../../../src/saml/bindings.ts';
import { signEnveloped, verifyEnveloped, type SigningKey } from '../../../src/saml/signature.ts';
import { parseXml } from '../../../src/saml/xml.ts';
import type { Journey } from '../../../src/sources/source.ts';
import { answerLogoutRequest } from '../../../src/sources/spid/logout.ts';
import type { LogoutArrival } from '../../../src/sources/spid/logout-message.ts';
import { EntityRegister } from '../../../src/entities/register.ts';
import type { SpidOptions } from '../../../src/sources/spid/options.ts';
import { IdentityProviders } from '../../../src/sources/spid/registry.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { testRegister } from '../../support/register.ts';
import { describeStores } from '../../support/stores.ts';

const NOW = new Date('2026-03-05T18:30:00.000Z');
const clock = { now: () => NOW };
const PROVIDER = 'https://idp.example.it';
const SLO = 'https://accesso.unione.example.it/spid/unione/slo';
const same = (text: string) => ({ it: text, en: text });
const entity: Entity = {
  id: 'unione',
  entityId: 'https://accesso.unione.example.it/spid',
  organization: { name: same('Unione'), displayName: same('Unione'), url: same('https://www.example.it') },
  contact: { ipaCode: 'udc_x', email: 'accesso@example.it' },
  locality: 'Pontedera',
  attributeSets: [],
};

async function signingKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const subject = { commonName: 'X', organizationName: 'X', entityId: PROVIDER, ipaCode: 'x', locality: 'X' };
  const certificate = new X509Certificate(await selfSignedCertificate(subject, privateKey, NOW, 1));
  return { privateKey, certificate: certificate.raw.toString('base64') };
}

let count = 0;
const requestXml = (
  changes: { destination?: string; instant?: string; end?: string; issuer?: string; id?: string } = {},
) =>
  `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${changes.id ?? `_lq${++count}`}" Version="2.0" IssueInstant="${changes.instant ?? NOW.toISOString()}" Destination="${changes.destination ?? SLO}"${changes.end ? ` NotOnOrAfter="${changes.end}"` : ''}><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" NameQualifier="${PROVIDER}">${changes.issuer ?? PROVIDER}</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${PROVIDER}">_name</saml:NameID><samlp:SessionIndex>_s77</samlp:SessionIndex></samlp:LogoutRequest>`;

describeStores('single logout asked by a provider (spid-register-and-logout, 3.5)', (openUrl) => {
  let store: Store;
  let options: SpidOptions;
  let identities: Identities;
  let persons: Persons;
  let providerKey: SigningKey;
  let foreignKey: SigningKey;
  let ownKey: SigningKey;

  let endings: Endings;
  const journey: Pick<Journey, 'end'> = {
    async end(transaction, { provider, nameId, sessionIndex }) {
      const closed = await identities.ofUpstreamSession(transaction, provider, nameId, sessionIndex);
      const ids = closed.map(({ id }) => id);
      await endings.end(transaction, await identities.forget(transaction, ids));
      return closed.map((identity) => identity.transaction);
    },
  };

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    [providerKey, foreignKey, ownKey] = await Promise.all([signingKey(), signingKey(), signingKey()]);
    const cipher = cipherOf([{ id: 'k', key: new Uint8Array(32).fill(1) }]);
    const hash = keyedHashOf([{ id: 'k', key: new Uint8Array(32).fill(2) }]);
    identities = new Identities(store, cipher, clock);
    endings = new Endings(cipher, new LogoutNotices(store, cipher, clock));
    persons = new Persons(hash, clock);
    const providers = new IdentityProviders();
    const endpoint = { location: `${PROVIDER}/slo`, responseLocation: `${PROVIDER}/slo/response` };
    providers.add({
      entityId: PROVIDER,
      name: 'Provider',
      singleSignOn: { post: `${PROVIDER}/sso` },
      singleLogout: { post: endpoint, redirect: endpoint },
      signingKeys: [createPublicKey(providerKey.privateKey)],
      certificates: [],
      declaredAttributes: [],
      metadata: Buffer.from('x'),
      metadataHash: '',
    });
    options = {
      publicUrl: 'https://accesso.unione.example.it',
      entities: new EntityRegister(store, clock, 'https://accesso.unione.example.it'),
      providers,
      signingKey: () => ownKey,
      metadata: async () => undefined,
      preview: async () => undefined,
      isTestProvider: () => false,
      isTesting: async () => false,
      binding: () => 'post',
      lenient: () => [],
      comparison: 'minimum',
      skewSeconds: 30,
      requestMinutes: 30,
      store,
      register: testRegister(),
      log: createLog({ level: 'silent' }),
      clock,
    };
  });
  afterAll(() => store.close());

  const byPost = (xml: string, key = providerKey): LogoutArrival => ({
    binding: 'post',
    form: new Map(
      Object.entries(postBinding('SAMLRequest', signEnveloped(xml, key, 'after-issuer'), 'relay')),
    ),
  });
  const byRedirect = (xml: string, key = providerKey): LogoutArrival => ({
    binding: 'redirect',
    rawQuery: redirectBinding(SLO, 'SAMLRequest', xml, 'relay', key).query,
  });
  const answer = (arrival: LogoutArrival) =>
    answerLogoutRequest(options, entity, arrival, journey as Journey);

  /** A citizen with a session at the provider, a session of ours and a grant. */
  async function signedIn(sessionIndex = '_s77'): Promise<string> {
    const id = await store.transaction(async (transaction) =>
      identities.record(
        transaction,
        {
          person: { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
          level: 1,
          kind: 'citizen',
          attributes: {},
          asked: [],
          source: 'spid',
          provider: PROVIDER,
          authenticatedAt: NOW,
          transaction: 't',
          session: { nameId: '_name', nameQualifier: PROVIDER, sessionIndex },
        },
        {
          personId: await persons.findOrCreate(transaction, { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' }),
          entityId: 'unione',
          expiresAt: new Date(NOW.getTime() + 60_000),
        },
      ),
    );
    const identity = await identities.find(id);
    if (!identity) throw new Error('not recorded');
    await identities.link({ grantId: `grant-${id}`, sessionUid: `session-${id}` }, identity);
    for (const [kind, model, column] of [
      ['session', 'Session', 'uid_hash'],
      ['grant', 'Grant', 'id_hash'],
    ] as const) {
      await store.db
        .insertInto('oidc_records')
        .values({
          model,
          id_hash: idHash(`${model}-${id}`),
          uid_hash: null,
          grant_id: null,
          payload: Buffer.alloc(1),
          consumed_at: null,
          expires_at: null,
          [column]: idHash(`${kind}-${id}`),
        })
        .execute();
    }
    return id;
  }

  // Of a session that has ended a mark is left, which no request finds.
  const standing = () =>
    store.db
      .selectFrom('oidc_records')
      .select('model')
      .where((where) => where.or([where('model', '!=', 'Session'), where('uid_hash', 'is not', null)]))
      .execute();

  it('closes sessions, grants and attributes, and answers Success by POST, signed, where responses go', async () => {
    const id = await signedIn();
    const { departure } = await answer(byPost(requestXml()));
    expect(await standing()).toEqual([]);
    expect(await store.db.selectFrom('identities').select('id').execute()).toEqual([]);
    // Our own pages are closed too, although nobody can read any more what the session was of.
    const sid = ownSid(`session-${id}`);
    const ended = store.db.selectFrom('portal_logouts').select('at');
    expect(await ended.where('name_hash', '=', logoutName({ sid })).executeTakeFirst()).toEqual({
      at: NOW.getTime(),
    });
    if (departure.kind !== 'form') throw new Error('not by POST');
    expect([departure.action, departure.fields['RelayState']]).toEqual([`${PROVIDER}/slo/response`, 'relay']);
    using response = parseXml(decodeBase64(departure.fields['SAMLResponse'] ?? '', 100_000), {
      bytes: 100_000,
    });
    expect(response.violations('protocol')).toEqual([]);
    expect(verifyEnveloped(response, response.root, [createPublicKey(ownKey.privateKey)])).toBeDefined();
    expect(response.root.attribute('InResponseTo')).toMatch(/^_lq/);
  });

  it('answers by Redirect, signed, Success also when there was nothing to close', async () => {
    const { departure } = await answer(byRedirect(requestXml()));
    if (departure.kind !== 'redirect') throw new Error('not by Redirect');
    const { xml, relayState } = readRedirect(
      departure.url.split('?')[1] ?? '',
      'SAMLResponse',
      [createPublicKey(ownKey.privateKey)],
      100_000,
    );
    expect([xml.toString().includes('status:Success'), relayState]).toEqual([true, 'relay']);
  });

  it('leaves other sessions of the same name alone', async () => {
    await signedIn('_another');
    await answer(byPost(requestXml()));
    expect(await standing()).toHaveLength(2);
  });

  it('registers request and response', async () => {
    const entries = await store.db
      .selectFrom('register_entries')
      .select(['kind', 'outcome'])
      .orderBy('seq')
      .limit(2)
      .execute();
    expect(entries.map(({ kind }) => kind)).toEqual(['logout-request', 'logout-response']);
  });

  it('registers what ends a login in the story of the login, as hers', async () => {
    await store.transaction((transaction) =>
      options.register.append(transaction, {
        transactionId: 't',
        reference: 'K7QF-3MZP',
        at: NOW,
        kind: 'response',
        source: 'spid',
        entityId: 'unione',
        person: { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
        evidence: {},
      }),
    );
    await signedIn();
    await answer(byPost(requestXml()));
    const story = await store.db
      .selectFrom('register_entries')
      .select(['kind', 'transaction_id', 'person_hash'])
      .where('reference', '=', 'K7QF-3MZP')
      .orderBy('seq')
      .execute();
    expect(story.map(({ kind, transaction_id }) => [kind, transaction_id])).toEqual([
      ['response', 't'],
      ['logout-request', 't'],
      ['logout-response', 't'],
    ]);
    expect(new Set(story.map(({ person_hash }) => person_hash)).size).toBe(1);
  });

  it.each([
    [
      'unsigned by POST',
      (): LogoutArrival => ({
        binding: 'post',
        form: new Map(Object.entries(postBinding('SAMLRequest', requestXml(), undefined))),
      }),
      'logout_signature',
    ],
    ['signed by another', () => byPost(requestXml(), foreignKey), 'logout_signature'],
    ['signed by another, by Redirect', () => byRedirect(requestXml(), foreignKey), 'signature'],
    [
      'unsigned by Redirect',
      (): LogoutArrival => ({
        binding: 'redirect',
        rawQuery: (byRedirect(requestXml()) as { rawQuery: string }).rawQuery.replace(/&SigAlg.*/, ''),
      }),
      'missing_parameter',
    ],
    [
      'with an empty Signature',
      (): LogoutArrival => ({
        binding: 'redirect',
        rawQuery: (byRedirect(requestXml()) as { rawQuery: string }).rawQuery.replace(
          /&Signature=.*/,
          '&Signature=',
        ),
      }),
      'missing_parameter',
    ],
    [
      'of an unknown issuer',
      () => byPost(requestXml({ issuer: 'https://nobody.example.it' })),
      'logout_issuer',
    ],
    [
      'for another address',
      () => byPost(requestXml({ destination: 'https://elsewhere.example.it/slo' })),
      'logout_invalid',
    ],
    ['of another version', () => byPost(requestXml().replace('"2.0"', '"1.1"')), 'logout_invalid'],
    [
      'outside the schema',
      () => byPost(requestXml().replace(' Version=', ' Invented="1" Version=')),
      'logout_invalid',
    ],
    ['of a time to come', () => byPost(requestXml({ instant: '2026-03-05T18:40:00Z' })), 'logout_invalid'],
    ['too old', () => byPost(requestXml({ instant: '2026-03-05T18:20:00Z' })), 'logout_invalid'],
    ['past its end', () => byPost(requestXml({ end: '2026-03-05T18:29:59Z' })), 'logout_invalid'],
    // The wrapping of samlify's GHSA-63ch-w8pw-4mf2: a captured signature of something else, moved under the root.
    ['carrying the signature of a captured assertion', () => byPost(wrapped()), 'logout_signature'],
  ] as const)('refuses a request that is %s, and closes nothing', async (_what, arrival, code) => {
    const before = await standing();
    await expect(answer(arrival())).rejects.toMatchObject({ code });
    expect(await standing()).toEqual(before);
  });

  function wrapped(): string {
    const assertion = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_captured" Version="2.0" IssueInstant="${NOW.toISOString()}"><saml:Issuer>${PROVIDER}</saml:Issuer></saml:Assertion>`;
    const captured = signEnveloped(assertion, providerKey, 'after-issuer');
    const signature = /<ds:Signature .*<\/ds:Signature>/.exec(captured)?.[0] ?? '';
    return requestXml().replace(
      '</saml:Issuer>',
      () =>
        `</saml:Issuer>${signature}<samlp:Extensions>${captured.replace(signature, '')}</samlp:Extensions>`,
    );
  }

  it('refuses the same request a second time', async () => {
    const arrival = byPost(requestXml({ id: '_replayed' }));
    await answer(arrival);
    await expect(answer(arrival)).rejects.toMatchObject({ code: 'logout_replayed' });
  });
});
