import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AttributeName } from '../../src/identity/attributes.ts';
import type { Level } from '../../src/identity/level.ts';
import { sha256, type PendingRequest } from '../../src/sources/spid/pending.ts';
import type { Comparison } from '../../src/sources/spid/request.ts';
import { judge } from '../../src/sources/spid/response.ts';
import type { Arrival } from '../../src/sources/spid/response-context.ts';
import {
  errorXml as errorResponse,
  responseXml as correctResponse,
  signAt as signMarked,
  type Facts,
  type Kit,
  type Signing as SigningOf,
} from '../../src/selfcheck/model.ts';
import { signElement } from '../../src/selfcheck/signer.ts';

export { attributeXml } from '../../src/selfcheck/model.ts';

/** A test identity provider: its request, its answers, good and bad, signed by the independent signer. */

export const NOW = new Date('2026-03-05T18:04:00.000Z');
export const INSTANT = '2026-03-05T18:04:00Z';
export const REQUEST_ID = '_9f0c2b6e51d84a7fb0f3a1c9d2e47765';
export const ACS = 'https://accesso.unione.example.it/spid/unione/acs';
export const AUDIENCE = 'https://accesso.unione.example.it/spid';
export const PROVIDER = 'https://idp.example.it';
export const RELAY_STATE = 'opaque-relay-state-0123456789';
export const FISCAL_NUMBER = 'TINIT-RSSMRA80A01H501U';

export const providerKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** What the provider answers with. */
export const FACTS: Facts = {
  requestId: REQUEST_ID,
  requested: '2026-03-05T18:04:00.000Z',
  acsUrl: ACS,
  audience: AUDIENCE,
  provider: PROVIDER,
  responseId: '_r1',
  assertionId: '_a1',
  nameId: '_n5d0c',
  instant: INSTANT,
  end: '2026-03-05T18:09:00Z',
  level: 2,
  attributes: { spidCode: 'AGID-001', name: 'Mario', familyName: 'Rossi', fiscalNumber: FISCAL_NUMBER },
};

/** What the official cases are made with, here. */
export function kit(level: Level): Kit {
  return {
    facts: { ...FACTS, level },
    key: { privateKey: providerKey.privateKey, certificate: '' },
    foreign: { privateKey: foreignKey.privateKey, certificate: '' },
    sign: signElement,
  };
}

/** A correct response, in pieces that tests replace. */
export function responseXml({ level = 2 }: { level?: Level } = {}): string {
  return correctResponse({ ...FACTS, level });
}

/** An error response. */
export function errorXml(status: string, message: string): string {
  return errorResponse({ ...FACTS, responseId: '_r2' }, status, message);
}

export interface Signing extends Omit<SigningOf, 'key'> {
  readonly key?: KeyObject;
}

/** Signs the element with that ID, in the place of its mark: after Issuer, or first where there is none. */
export function signAt(xml: string, id: string, { key, ...options }: Signing = {}): string {
  const signer = { privateKey: key ?? providerKey.privateKey, certificate: '' };
  return signMarked(xml, id, { key: signer, sign: signElement }, { keyInfo: '', ...options });
}

/** Signs what carries a mark: first the Assertion, then the Response around it. */
export function signed(
  xml: string,
  signing: Signing | { assertion?: Signing | false; response?: Signing | false } = {},
): string {
  const each =
    'assertion' in signing || 'response' in signing
      ? signing
      : { assertion: signing as Signing, response: signing as Signing };
  let result = xml;
  for (const [id, how] of [
    ['_a1', each.assertion],
    ['_r1', each.response],
    ['_r2', each.response],
  ] as const) {
    const mark = `<!--signature:${id}-->`;
    if (!result.includes(mark)) continue;
    const present = result.includes(`ID="${id}"`);
    result = how === false || !present ? result.replace(mark, '') : signAt(result, id, how ?? {});
  }
  return result;
}

/** The request that the response above answers. */
export function pendingRequest(changes: Partial<PendingRequest> = {}): PendingRequest {
  return {
    id: REQUEST_ID,
    loginUid: 'a-login',
    transactionId: 'a-transaction',
    reference: 'ABCD-EFGH',
    clientId: 'suap',
    entityId: 'unione',
    issuer: AUDIENCE,
    provider: PROVIDER,
    destination: `${PROVIDER}/sso`,
    binding: 'post',
    issueInstant: new Date(INSTANT),
    level: 2,
    comparison: 'minimum',
    forceAuthn: true,
    acsUrl: ACS,
    attributeSet: {
      index: 0,
      attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber'] satisfies AttributeName[],
    },
    requiredAttributes: ['name'],
    relayStateHash: sha256(RELAY_STATE),
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + 30 * 60_000),
    consumedAt: null,
    answerHash: null,
    ...changes,
  };
}

/** The response on its way in. */
export function arrival(
  xml: string | Buffer,
  changes: Partial<Omit<Arrival, 'provider'>> & {
    pending?: PendingRequest;
    relayState?: string;
    keys?: readonly KeyObject[];
  } = {},
): Arrival {
  const {
    pending = pendingRequest(),
    relayState = RELAY_STATE,
    keys = [providerKey.publicKey],
    ...rest
  } = changes;
  return {
    method: 'POST',
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(
      new URLSearchParams({
        SAMLResponse: Buffer.from(xml).toString('base64'),
        RelayState: relayState,
      }).toString(),
    ),
    acsUrl: ACS,
    now: NOW,
    skewSeconds: 30,
    lenient: () => [],
    find: async (id) => (id === pending.id ? pending : undefined),
    provider: (entityId) => (entityId === PROVIDER ? { entityId, signingKeys: keys } : undefined),
    ...rest,
  };
}

/** A request for a level, by a service that would be content with the lowest. */
export function asked(level: Level, comparison: Comparison = 'minimum'): PendingRequest {
  return pendingRequest({ level, comparison, minimumLevel: 1 });
}

/** `OK`, or the id of the check that did not let it pass. */
export async function verdictOf(arrived: Arrival): Promise<string> {
  const verdict = await judge(arrived);
  if (verdict.outcome === 'accepted') return 'OK';
  return verdict.outcome === 'anomaly' ? 'R7' : verdict.check;
}
