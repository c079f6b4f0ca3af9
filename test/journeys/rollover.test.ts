import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addTurns, SHORTEST_NOTICE_MS, UNDERSTOOD_MS } from '../../src/keys/rotation.ts';
import { demandedTurn } from '../../src/keys/schedule.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { startTwins, type Twins } from '../support/twins.ts';

/** Longer than a process takes to notice a new key. */
const NOTICED_MS = 15_000;

describeStores('a change of keys while citizens come and go', (openUrl) => {
  let twins: Twins;
  let service: RelyingParty;
  let ahead = 0;
  const clock = { now: () => new Date(systemClock.now().getTime() + ahead) };

  beforeAll(async () => {
    twins = await startTwins({
      ...{ storeUrl: await openUrl(), clock },
      clients: [testClient('rs256'), testClient('es256', { idTokenAlgorithm: 'ES256' })],
      // The test's clock runs ahead of the identity provider's.
      change: (input) => ({ ...input, sources: { spid: { ...input.sources.spid, skewSeconds: 180 } } }),
    });
    service = new RelyingParty(twins);
  });
  afterAll(() => twins.stop());

  const published = (at: string) =>
    fetch(`http://${at}/oidc/jwks`).then(async (answer) => ((await answer.json()) as { keys: JWK[] }).keys);
  const kid = ({ tokens }: Entered) => decodeProtectedHeader(tokens.id_token ?? '').kid;

  it('signs with the new key when its time has come, at every process, and both verify', async () => {
    const before = await service.enter('rs256');
    const oldKid = kid(before);
    // A stock verifier that keeps what it fetched. Its pause between two looks is shorter than the notice, but not than
    // this test.
    const verifier = createRemoteJWKSet(new URL(`${twins.url}/oidc/jwks`), { cooldownDuration: 0 });
    await jwtVerify(before.tokens.id_token ?? '', verifier);

    // As keys rotate --now does, from another process.
    const { directory, passphrase, rotation } = twins.configuration.keys;
    const now = clock.now();
    const { rotating } = loadKeys(directory, { passphrase });
    const next = demandedTurn(rotating.facts(now), rotation, { now, hurry: true });
    await addTurns(directory, { uses: next?.uses ?? [], from: next?.from ?? now, passphrase, now });

    ahead += NOTICED_MS;
    for (const at of twins.both) {
      const keys = await published(at);
      expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'RS256', 'ES256', 'ES256']);
      expect(keys.map((key) => key.kid)).toContain(oldKid);
    }
    // Published, not signing yet.
    const browser = service.browser();
    expect(kid(await service.enter('rs256', { browser }))).toBe(oldKid);

    ahead += SHORTEST_NOTICE_MS;
    // The session, whose cookie the older key signed, goes on.
    const after = await service.enter('es256', { browser, silently: true });
    expect(decodeProtectedHeader(after.tokens.id_token ?? '').alg).toBe('ES256');
    for (let login = 0; login < 3; login++) {
      const entered = await service.enter('rs256');
      expect(kid(entered)).not.toBe(oldKid);
      expect((await published(twins.both[login % 2] ?? '')).map((key) => key.kid)).toContain(kid(entered));
    }
    await jwtVerify(before.tokens.id_token ?? '', verifier);
    await jwtVerify((await service.enter('rs256')).tokens.id_token ?? '', verifier);
  });

  it('publishes the older key no more when nothing that it signed is good any longer', async () => {
    ahead += UNDERSTOOD_MS;
    for (const at of twins.both)
      expect((await published(at)).map(({ alg }) => alg)).toEqual(['RS256', 'ES256']);
  });
});
