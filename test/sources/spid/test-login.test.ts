import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/operations/clock.ts';
import { captureRequest } from '../../../src/selfcheck/capture.ts';
import { CASES, type Case } from '../../../src/selfcheck/cases.ts';
import { readPage } from '../../../src/selfcheck/page.ts';
import { play, type Stage } from '../../../src/selfcheck/play.ts';
import { testProvider, type TestProvider } from '../../../src/selfcheck/provider.ts';
import { readServiceProvider } from '../../../src/selfcheck/service-provider.ts';
import { signElement } from '../../../src/selfcheck/signer.ts';
import { Visitor } from '../../../src/selfcheck/visitor.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { describeStores } from '../../support/stores.ts';
import { day, startTestLoginGateway } from '../../support/test-login.ts';

const directory = mkdtempSync(join(tmpdir(), 'gateway-test-login-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const caseOf = (nr: string): Case => {
  const found = CASES.find((each) => each.nr === nr);
  if (!found) throw new Error(`no case ${nr}`);
  return found;
};

/** A gateway with test logins until a day, for a provider of the test's own. */
const open = (storeUrl: string, provider: TestProvider, testLogin: { until: string; files?: string[] }) =>
  startTestLoginGateway(directory, { storeUrl, provider, ...testLogin });

describeStores('a test login (spid-authn-request, 10)', (openUrl) => {
  let gateway: TestGateway;
  let set: (to: Date | undefined) => void;
  let store: Store;
  let stage: Stage;
  let login: string;
  let authorization: string;

  beforeAll(async () => {
    const storeUrl = await openUrl();
    const provider = await testProvider('https://validator.invalid', systemClock);
    const opened = await open(storeUrl, provider, { until: day(1) });
    ({ gateway, set } = opened);
    store = await openStore(storeUrl, systemClock);
    const serviceProvider = readServiceProvider(await (await fetch(`${gateway.url}/spid`)).text());
    if (!serviceProvider) throw new Error('the gateway publishes metadata');
    stage = { serviceProvider, provider, clock: opened.clock, sign: signElement };
    login = `${gateway.url}/spid/unione/test-login`;
    authorization = `${gateway.url}/oidc/auth?client_id=service&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:1/callback&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256`;
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  it('answers one GET with the form, or with a 302 by Redirect, for each level and set', async () => {
    for (const level of [1, 2, 3]) {
      const url = `${login}?idp=https://validator.invalid&level=${level}&set=1`;
      const form = await captureRequest(new Visitor(systemClock), url);
      expect(form).toMatchObject({ binding: 'post', hops: 0, status: 200, firstForm: true });
      const redirect = await captureRequest(new Visitor(systemClock), `${url}&binding=redirect`);
      expect(redirect).toMatchObject({ binding: 'redirect', hops: 0, status: 302 });
      for (const { xml } of [form, redirect]) {
        expect(xml).toContain(`SpidL${level}<`);
        expect(xml).toContain('AttributeConsumingServiceIndex="1"');
      }
    }
  });

  it('ends on a page that says it succeeded, and leaves no session, no person and no identity behind', async () => {
    const visitor = new Visitor(systemClock);
    const result = await play(stage, login, caseOf('1'), visitor);
    expect(result).toMatchObject({ passed: true, status: 200, seen: 'Accesso di prova riuscito' });
    for (const table of ['persons', 'identities', 'logins', 'oidc_records'] as const)
      expect(await store.db.selectFrom(table).selectAll().execute()).toEqual([]);
    const asked = await visitor.follow(await visitor.get(authorization));
    expect(readPage(asked.body).forms.length).toBeGreaterThan(0);
  });

  it('is registered as what it is', async () => {
    await play(stage, login, caseOf('1'));
    const rows = await store.db
      .selectFrom('register_entries')
      .select(['kind', 'client_id', 'outcome'])
      .orderBy('seq', 'desc')
      .limit(2)
      .execute();
    expect(rows).toEqual([
      { kind: 'response', client_id: 'test:login', outcome: 'accepted' },
      { kind: 'request', client_id: 'test:login', outcome: null },
    ]);
  });

  it('ends on a page of status 400 or 403 when the answer is not to be accepted', async () => {
    expect(await play(stage, login, caseOf('4'))).toMatchObject({ passed: true, status: 403 });
    expect(await play(stage, login, caseOf('replay'))).toMatchObject({ passed: true, status: 400 });
    expect(await play(stage, login, caseOf('other-browser'))).toMatchObject({ passed: true, status: 400 });
  });

  it('takes providers, levels, sets, bindings and comparisons that exist', async () => {
    for (const query of [
      'idp=https://elsewhere.invalid',
      `idp=${gateway.providers[0]}`,
      'level=4',
      'level=2&level=3',
      'set=7',
      'binding=soap',
      'comparison=worse',
      'comparison=better&level=3',
    ])
      expect((await fetch(`${login}?${query}`)).status, query).toBe(400);
    expect((await fetch(`${login}/result?of=x`)).status).toBe(400);
  });

  it('tells the self-check what can be tried', async () => {
    expect(await (await fetch(`${gateway.url}/spid/test-logins`)).json()).toMatchObject({
      entities: [{ id: 'unione', metadata: `${gateway.url}/spid`, login, sets: [0, 1], levels: [1, 2, 3] }],
    });
  });

  it('shows its providers to no citizen, not even to one who names them', async () => {
    for (const url of [authorization, `${authorization}&idp_hint=https://validator.invalid`]) {
      const visitor = new Visitor(systemClock);
      const choice = await visitor.follow(await visitor.get(url));
      expect(choice.body).toContain(gateway.providers[0]);
      expect(choice.body).not.toContain('value="https://validator.invalid"');
    }
  });

  it('lets a test provider answer no citizen', async () => {
    // What an attacker with the test provider's key would try: a real request, answered in its name.
    const real = `${authorization}&idp_hint=${gateway.providers[0]}`;
    expect(await play(stage, real, caseOf('1'))).toMatchObject({ status: 403 });
  });

  it('ends with its last day: no request leaves, and no answer is accepted any more', async () => {
    const end = Date.parse(`${day(2)}T00:00:00Z`);
    try {
      set(new Date(end - 60_000));
      // The clock strikes while the citizen is at the provider.
      const sign: typeof signElement = (...args) => {
        set(new Date(end));
        return signElement(...args);
      };
      expect(await play({ ...stage, sign }, login, caseOf('1'))).toMatchObject({ status: 403 });
      expect((await fetch(login)).status).toBe(404);
      expect((await fetch(`${gateway.url}/spid/test-logins`)).status).toBe(404);
    } finally {
      set(undefined);
    }
    expect((await fetch(login)).status).toBe(200);
  });
});

describe('test logins that nobody should open', () => {
  const start = async (until: string, files?: string[]) => {
    const provider = await testProvider('https://validator.invalid', systemClock);
    const url = `sqlite:${join(directory, `${until}.db`)}`;
    const { gateway } = await open(url, provider, { until, ...(files ? { files } : {}) });
    await gateway.stop();
  };

  it('are refused for longer than 90 days', async () => {
    await expect(start(day(92))).rejects.toThrow(
      /sources\.spid\.testLogin\.until: found .*; allowed: a day at most 90 days ahead/,
    );
  });

  it('are refused with a file that holds no provider', async () => {
    await expect(start(day(1), [join(directory, 'nothing.xml')])).rejects.toThrow(
      /sources\.spid\.testLogin\.providers\[0\]: found .*nothing\.xml; allowed: a readable file/,
    );
  });

  it('are closed, and no fault, once their last day has passed', async () => {
    await expect(start(day(-3))).resolves.toBeUndefined();
  });
});
