import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addTurns, SHORTEST_NOTICE_MS, UNDERSTOOD_MS } from '../../src/keys/rotation.ts';
import { addKey } from '../../src/keys/rollover.ts';
import { demandedTurn } from '../../src/keys/schedule.ts';
import { certificateSubjects } from '../../src/entities/certificate-subject.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { withWorkbench } from '../../src/gateway/workbench.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { startTwins, type Twins } from '../support/twins.ts';

/** Longer than a process takes to notice a new key. */
const NOTICED_MS = 15_000;

describeStores('a change of keys while citizens come and go', (openUrl) => {
  let twins: Twins;
  let service: RelyingParty;
  // A minute and a half before the month ends.
  const started = systemClock.now();
  const monthsEnd = Date.UTC(started.getUTCFullYear(), started.getUTCMonth() + 1);
  let ahead = monthsEnd - 90_000 - started.getTime();
  const clock = { now: () => new Date(systemClock.now().getTime() + ahead) };

  beforeAll(async () => {
    twins = await startTwins({
      storeUrl: await openUrl(),
      clock,
      providerClock: clock,
      clients: [testClient('rs256'), testClient('es256', { idTokenAlgorithm: 'ES256' })],
    });
    service = new RelyingParty(twins);
  });
  afterAll(() => twins.stop());

  const published = (at: string) =>
    fetch(`http://${at}/oidc/jwks`).then(async (answer) => ((await answer.json()) as { keys: JWK[] }).keys);
  const kid = ({ tokens }: Entered) => decodeProtectedHeader(tokens.id_token ?? '').kid;

  /** As keys rotate --now does, from another process. */
  async function rotateNow(): Promise<void> {
    const { directory, passphrase, rotation } = twins.configuration.keys;
    const now = clock.now();
    const { rotating } = loadKeys(directory, { passphrase });
    const next = demandedTurn(rotating.facts(now), rotation, { now, hurry: true });
    await addTurns(directory, { uses: next?.uses ?? [], from: next?.from ?? now, passphrase, now });
  }

  /** As cert create, metadata draft, seal and in-force do. */
  async function renewSpidKey(): Promise<void> {
    const { configuration } = twins;
    const { directory, passphrase } = configuration.keys;
    const subject = certificateSubjects(configuration.entities as readonly EntityDeclaration[])['unione'];
    if (!subject) throw new Error('the union has a key of its own');
    const place = { directory, passphrase, entityId: 'unione', subject };
    await addKey(place, { rsaBits: 2048, years: 1, clock });
    await withWorkbench(configuration, { clock, follow: true }, ({ lifeCycle }) =>
      lifeCycle.enforceDeclared('unione'),
    );
  }

  /** The certificate that a request to a provider is signed with. */
  async function requestCertificate(): Promise<string | undefined> {
    const browser = service.browser();
    const { url } = await service.request(await service.configure('rs256'));
    await browser.visit('authorization request', url);
    const { html } = await browser.press('choose the provider', twins.providers[0]);
    const message = /name="SAMLRequest" value="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#43;', '+') ?? '';
    return /<ds:X509Certificate>([^<]*)</.exec(Buffer.from(message, 'base64').toString())?.[1];
  }

  it('lets everybody in while every key changes: of tokens, cookies, the body in SPID, the register', async () => {
    const before = await requestCertificate();
    const kids = new Set<string | undefined>();
    const waiting: (() => void)[] = [];
    let going = true;
    const citizens = Promise.all(
      ['rs256', 'es256'].map(async (client) => {
        while (going) {
          kids.add(kid(await service.enter(client)));
          waiting.splice(0).forEach((tell) => tell());
        }
      }),
    );
    /** A login has ended well since; one that did not ends the test. */
    const nextLogin = () =>
      Promise.race([new Promise<void>((resolve) => void waiting.push(resolve)), citizens]);
    /** Time goes by in steps that no code of a login under way is too old for. */
    const advance = async (seconds: number) => {
      for (let left = seconds; left > 0; left -= 25) {
        ahead += Math.min(left, 25) * 1000;
        await nextLogin();
      }
    };
    while (kids.size < 2) await nextLogin();
    await rotateNow();
    await advance((SHORTEST_NOTICE_MS + NOTICED_MS) / 1000);
    await renewSpidKey();
    await nextLogin();
    await nextLogin();
    while (clock.now().getTime() <= monthsEnd) await advance(25);
    await nextLogin();
    // Two algorithms, each with its old key and its new one.
    while (kids.size < 4) await nextLogin();
    going = false;
    await citizens;
    expect(kids.size).toBe(4);
    const { directory, passphrase } = twins.configuration.keys;
    const newest = loadKeys(directory, { passphrase }).saml.newest('unione').certificate;
    expect(newest).not.toBe(before);
    expect(await requestCertificate()).toBe(newest);
    const store = await openStore(twins.configuration.store.url, clock);
    const months = await store.db.selectFrom('register_entries').select('month').distinct().execute();
    await store.close();
    expect(months).toHaveLength(2);
  }, 90_000);

  it('signs with the new key when its time has come, at every process, and both verify', async () => {
    // What the change before has left is gone by then.
    ahead += UNDERSTOOD_MS;
    const before = await service.enter('rs256');
    const oldKid = kid(before);
    // A stock verifier that keeps what it fetched. Its pause between two looks is shorter than the notice, but not than
    // this test.
    const verifier = createRemoteJWKSet(new URL(`${twins.url}/oidc/jwks`), { cooldownDuration: 0 });
    await jwtVerify(before.tokens.id_token ?? '', verifier);

    await rotateNow();

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
