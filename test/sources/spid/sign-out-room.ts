import { createPublicKey } from 'node:crypto';
import { EntityRegister } from '../../../src/entities/register.ts';
import { cipherOf } from '../../../src/keys/cipher.ts';
import { SignOuts } from '../../../src/login/sign-outs.ts';
import { createLog } from '../../../src/operations/log.ts';
import { decodeBase64, readRedirect } from '../../../src/saml/bindings.ts';
import type { Departure, Journey } from '../../../src/sources/source.ts';
import type { SpidOptions } from '../../../src/sources/spid/options.ts';
import { IdentityProviders } from '../../../src/sources/spid/registry.ts';
import { closeSession } from '../../../src/sources/spid/sign-out.ts';
import { openStore } from '../../../src/store/store.ts';
import { testRegister } from '../../support/register.ts';
import { ENTITY, PUBLIC_URL, type TestKey } from './fixtures.ts';

export const PROVIDER = 'https://idp.example.it';
export const SLO = `${PUBLIC_URL}/spid/unione/slo`;
export const NOW = new Date('2026-03-05T18:30:00.000Z');

/** A gateway as far as leaving a provider is concerned, and a citizen who is on her way to it. */
export async function signOutRoom(
  storeUrl: string,
  keys: { readonly own: TestKey; readonly provider: TestKey },
) {
  let now = NOW;
  const clock = { now: () => now };
  const store = await openStore(storeUrl, clock);
  const cipher = cipherOf([{ id: 'k', key: new Uint8Array(32).fill(1) }]);
  const register = testRegister();
  await register.ready(store.db, [ENTITY.id]);
  const endpoint = { location: `${PROVIDER}/slo` };
  const providers = new IdentityProviders();
  for (const entityId of [PROVIDER, 'https://other.example.it'])
    providers.add({
      entityId,
      name: 'Provider',
      singleSignOn: {},
      certificates: [],
      declaredAttributes: [],
      singleLogout: { post: endpoint, redirect: endpoint },
      signingKeys: [createPublicKey(keys.provider.privateKey)],
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
    register,
    clock,
    binding: () => 'post',
    lenient: () => [],
    comparison: 'minimum',
    skewSeconds: 30,
    requestMinutes: 30,
    isTestProvider: () => false,
    isTesting: async () => false,
    signingKey: () => keys.own,
    metadata: async () => undefined,
    preview: async () => undefined,
    log: createLog({ level: 'silent' }),
  };
  const signOuts = new SignOuts(store, cipher, clock);
  const journey = {
    signedOut: (transaction, id, outcome) => signOuts.settle(transaction, id, outcome),
  } satisfies Pick<Journey, 'signedOut'> as Pick<Journey, 'signedOut'> as Journey;

  return {
    store,
    options,
    journey,
    signOuts,
    register,
    at: (instant: Date) => (now = instant),
    /** A citizen leaves: what left, the request in it, and the page she waits on. */
    async leave(binding: 'post' | 'redirect') {
      const session = { nameId: '_n5d0c', nameQualifier: PROVIDER, sessionIndex: '_s77' };
      const common = { source: 'spid' as const, entityId: ENTITY.id, provider: PROVIDER, session };
      const path = await signOuts.open({
        ...common,
        clients: ['suap'],
        returnTo: 'https://suap.example.it/',
      });
      const signOut = await signOuts.find(path.split('/').at(-1) ?? '');
      if (!signOut) throw new Error('not opened');
      const departure = await store.transaction((transaction) =>
        closeSession({ ...options, binding: () => binding }, transaction, signOut),
      );
      return { departure, path, ...read(departure, keys.own), ticket: path.split('/').at(-1) ?? '' };
    },
  };
}

function read(departure: Departure, own: TestKey): { xml: string; id: string; relayState: string } {
  const { xml, relayState = '' } =
    departure.kind === 'form'
      ? {
          xml: decodeBase64(departure.fields['SAMLRequest'] ?? '', 100_000),
          relayState: departure.fields['RelayState'],
        }
      : readRedirect(departure.url.split('?')[1] ?? '', 'SAMLRequest', [own.publicKey], 100_000);
  const text = xml.toString();
  return { xml: text, id: / ID="([^"]*)"/.exec(text)?.[1] ?? '', relayState };
}

const URN = 'urn:oasis:names:tc:SAML:2.0:status:';

/** A provider's LogoutResponse, unsigned; every part can be replaced by something worse. */
export function logoutResponseXml(
  inResponseTo: string,
  changes: {
    readonly destination?: string;
    readonly instant?: string;
    readonly issuer?: string;
    readonly status?: readonly [string, string?];
    readonly id?: string;
  } = {},
): string {
  const [top, sub] = changes.status ?? ['Success'];
  const code = `<samlp:StatusCode Value="${URN}${top}">${sub ? `<samlp:StatusCode Value="${URN}${sub}"/>` : ''}</samlp:StatusCode>`;
  return `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${changes.id ?? '_ls1'}" Version="2.0" IssueInstant="${changes.instant ?? NOW.toISOString()}" InResponseTo="${inResponseTo}" Destination="${changes.destination ?? SLO}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" NameQualifier="${PROVIDER}">${changes.issuer ?? PROVIDER}</saml:Issuer><samlp:Status>${code}</samlp:Status></samlp:LogoutResponse>`;
}
