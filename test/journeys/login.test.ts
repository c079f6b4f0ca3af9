import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Driver, StepFailed } from '../../src/demo/driver.ts';
import type { Demo } from '../../src/demo/start.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { openRegister } from '../../src/gateway/register.ts';
import type { Register } from '../../src/register/register.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startDemoAnywhere } from '../support/demo.ts';
import { describeStores } from '../support/stores.ts';

/** A citizen at the provider's last page: the answer is ready to be posted to the gateway. */
interface Answer {
  readonly browser: Driver;
  readonly action: string;
  readonly SAMLResponse: string;
  readonly RelayState: string;
}

describeStores('a login', (openUrl) => {
  let demo: Demo;
  let store: Store;
  let register: Register;
  const lines: string[] = [];

  beforeAll(async () => {
    const log = createLog({
      level: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    });
    demo = await startDemoAnywhere({ storeUrl: await openUrl(), log });
    store = await openStore(demo.configuration.store.url, systemClock);
    const keys = loadKeys(demo.configuration.keys.directory, {
      passphrase: demo.configuration.keys.passphrase,
    });
    register = openRegister(demo.configuration, keys);
  });
  afterAll(async () => {
    await store.close();
    await demo.stop();
  });

  async function answer(
    choose: (browser: Driver) => Promise<unknown> = (b) => b.press('consent', 'anna.rossi'),
  ): Promise<Answer> {
    const browser = new Driver();
    await browser.visit('login', `${demo.suapUrl}/login?idp_hint=${demo.identityProviderUrl}`);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await choose(browser);
    const field = (name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(browser.page.html)?.[1] ?? '';
    const action = /<form method="post" action="([^"]*)"/.exec(browser.page.html)?.[1] ?? '';
    return { browser, action, SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') };
  }

  const post = ({ action, SAMLResponse, RelayState }: Omit<Answer, 'browser'>) =>
    fetch(action, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ SAMLResponse, RelayState }),
    });

  const problem = async (response: Response) => {
    const html = await response.text();
    return {
      status: response.status,
      title: /<h1[^>]*>([^<]*)</.exec(html)?.[1],
      reference: /<strong translate="no">([^<]*)</.exec(html)?.[1] ?? '',
      html,
    };
  };

  it('registers the request before the browser leaves and the response before a code exists', async () => {
    const { browser } = await answer();
    const before = await store.db
      .selectFrom('register_entries')
      .selectAll()
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();
    expect(before).toMatchObject({ kind: 'request', client_id: 'suap', outcome: null });
    await browser.press('send the response');
    const after = await store.db
      .selectFrom('register_entries')
      .selectAll()
      .where('transaction_id', '=', before.transaction_id)
      .orderBy('seq')
      .execute();
    expect(after.slice(0, 2).map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['request', null],
      ['response', 'accepted'],
    ]);
    const [request, response] = await register.evidence(store.db, before.transaction_id);
    expect(request?.['xml']).toContain('<samlp:AuthnRequest');
    expect(Buffer.from(response?.['message'] as Uint8Array).toString()).toContain('<samlp:Response');
  });

  it('lets exactly one of 50 simultaneous posts of one response in, and answers none with a server error', async () => {
    const { browser, ...message } = await answer();
    const responses = await Promise.all(Array.from({ length: 50 }, () => post(message)));
    expect(responses.every(({ status }) => status === 303 || status === 400)).toBe(true);
    const inResponseTo =
      /InResponseTo="([^"]+)"/.exec(Buffer.from(message.SAMLResponse, 'base64').toString())?.[1] ?? '';
    const entries = await store.db
      .selectFrom('register_entries')
      .select('outcome')
      .where('request_id', '=', inResponseTo)
      .where('kind', '=', 'response')
      .execute();
    expect(entries).toHaveLength(50);
    expect(entries.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    const identities = await store.db
      .selectFrom('identities')
      .select('id')
      .where('transaction_id', 'in', (q) =>
        q.selectFrom('register_entries').select('transaction_id').where('request_id', '=', inResponseTo),
      )
      .execute();
    expect(identities).toHaveLength(1);
    const citizen = await browser.press('send the response');
    expect(citizen.url).toBe(`${demo.suapUrl}/`);
  });

  it('refuses the same response once the login is over, with a page that says so', async () => {
    const { browser, ...message } = await answer();
    await browser.press('send the response');
    const again = await post(message);
    const lost = await fetch(new URL(again.headers.get('location') ?? '', demo.gatewayUrl));
    expect(await problem(lost)).toMatchObject({ status: 400, title: 'Hai già completato questo accesso' });
  });

  it('does not let in another browser than the one that began (login CSRF)', async () => {
    const message = await answer();
    const elsewhere = await post(message);
    expect(elsewhere.status).toBe(303);
    const page = await problem(
      await fetch(new URL(elsewhere.headers.get('location') ?? '', demo.gatewayUrl)),
    );
    expect(page).toMatchObject({ status: 400, title: 'Accesso scaduto o iniziato altrove' });
    expect(page.reference).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/);
  });

  it('refuses an altered response with a page, a register entry with the check id and a log line without personal data', async () => {
    const message = await answer();
    const altered = Buffer.from(message.SAMLResponse, 'base64').toString().replace('>Anna<', '>Enna<');
    const page = await problem(
      await post({ ...message, SAMLResponse: Buffer.from(altered).toString('base64') }),
    );
    expect(page).toMatchObject({ status: 403, title: 'Accesso non riuscito' });
    // Letters and digits of a login's own name may happen to spell a check.
    expect(page.html.replaceAll(/\/login\/[\w-]+/g, '').replaceAll(page.reference, '')).not.toMatch(
      /S2|S8|Enna|saml/i,
    );
    const trace = await register.trace(store.db, page.reference);
    expect(trace.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['request', null],
      ['response', 'S2'],
    ]);
    const logged = lines.filter((line) => line.includes(page.reference)).join('');
    expect(logged).toContain('"check":"S2"');
    expect(logged).not.toMatch(/Anna|Rossi|RSSNNA/);
    const { status } = await post(message);
    expect(status).toBe(303); // the forgery has not used up the citizen's login
  });

  it('refuses a response that nobody asked for', async () => {
    const message = await answer();
    const foreign = Buffer.from(message.SAMLResponse, 'base64')
      .toString()
      .replaceAll(/InResponseTo="[^"]*"/g, 'InResponseTo="_0123456789abcdef0123456789abcdef"');
    const page = await problem(
      await post({ ...message, SAMLResponse: Buffer.from(foreign).toString('base64') }),
    );
    expect(page).toMatchObject({ status: 400, title: 'Ricomincia dal servizio' });
    expect((await register.trace(store.db, page.reference)).map(({ outcome }) => outcome)).toEqual(['C1']);
  });

  it('refuses the response of one login with the RelayState of another (two tabs swapped)', async () => {
    const [one, two] = [await answer(), await answer()];
    const page = await problem(await post({ ...one, RelayState: two.RelayState }));
    expect(page.status).toBe(403);
    expect((await register.trace(store.db, page.reference)).at(-1)?.outcome).toBe('C2');
  });

  it('finishes five logins begun in tabs of one browser, in any order', async () => {
    const browser = new Driver();
    const fields: Omit<Answer, 'browser'>[] = [];
    for (let tab = 0; tab < 5; tab++) {
      await browser.visit('login', `${demo.suapUrl}/login?idp_hint=${demo.identityProviderUrl}`);
      await browser.press('send the request');
      await browser.press('choose the persona', 'anna.rossi');
      await browser.press('consent', 'anna.rossi');
      const field = (name: string) =>
        new RegExp(`name="${name}" value="([^"]*)"`).exec(browser.page.html)?.[1] ?? '';
      fields.push({
        action: /<form method="post" action="([^"]*)"/.exec(browser.page.html)?.[1] ?? '',
        SAMLResponse: field('SAMLResponse'),
        RelayState: field('RelayState'),
      });
    }
    for (const message of [fields[3], fields[0], fields[4], fields[1], fields[2]]) {
      const { status, headers } = await post(message ?? { action: '', SAMLResponse: '', RelayState: '' });
      expect(status).toBe(303);
      const ended = await browser.visit(
        'continue',
        new URL(headers.get('location') ?? '', demo.gatewayUrl).href,
      );
      expect(ended.status).toBe(200); // the service, or its page for a login it has no use for any more
    }
  });

  it('shows what happened when the citizen cancels, and takes the standard error back to the service', async () => {
    const { browser } = await answer((b) => b.press('refuse', '22'));
    await expect(browser.press('send the response')).rejects.toThrow(StepFailed);
    expect(browser.page).toMatchObject({ status: 403 });
    expect(browser.page.html).toContain('Non hai dato il consenso');
    await expect(browser.press('back to the service', 'Torna al servizio')).rejects.toThrow(StepFailed);
    const url = new URL(browser.page.url);
    expect(url.origin).toBe(demo.suapUrl);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: 'spid_nr22',
      iss: demo.gatewayUrl,
      state: expect.any(String) as string,
    });
  });

  it('lets the citizen try again after an anomaly, in the same login', async () => {
    const { browser } = await answer((b) => b.press('refuse', '22'));
    await browser.press('send the response').catch(() => undefined);
    await browser.press('retry', 'Riprova');
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    expect((await browser.press('send the response')).url).toBe(`${demo.suapUrl}/`);
  });

  it('issues nothing when the register cannot be written', async () => {
    const message = await answer();
    await store.db.schema.alterTable('register_entries').renameTo('register_out_of_order').execute();
    try {
      const page = await problem(await post(message));
      expect(page).toMatchObject({ status: 500, title: 'Qualcosa non ha funzionato' });
    } finally {
      await store.db.schema.alterTable('register_out_of_order').renameTo('register_entries').execute();
    }
    expect((await post(message)).status).toBe(303); // nothing was lost either: the citizen posts again and is in
  });

  it('keeps no personal data and no usable token in clear in any table', async () => {
    const { browser } = await answer();
    await browser.press('send the response');
    const tables = [
      'oidc_records',
      'identities',
      'logins',
      'pending_requests',
      'register_entries',
      'person_keys',
      'persons',
      'used_once',
    ] as const;
    for (const table of tables) {
      const rows = await store.db.selectFrom(table).selectAll().execute();
      const text = rows
        .map((row) =>
          Object.values(row)
            .map((value) =>
              value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
            )
            .join(' '),
        )
        .join('\n');
      expect(text, table).not.toMatch(/RSSNNA|Rossi|anna\.rossi@|<samlp:|SAMLResponse/);
    }
    expect(lines.join('')).not.toMatch(/RSSNNA|Rossi|anna\.rossi@|<samlp:/);
  });
});

describe('addresses of no login', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemoAnywhere();
  });
  afterAll(() => demo.stop());

  const cases: readonly [what: string, path: string, init: RequestInit, status: number][] = [
    ['an unknown login', '/login/abcdefghijklmnopqrstu', {}, 400],
    ['a login that is no identifier', '/login/%00..%2f', {}, 400],
    ['finishing an unknown login', '/login/abcdefghijklmnopqrstu/finish', {}, 400],
    ['a page that does not exist', '/nowhere', {}, 404],
    ['resuming an unknown authorization', '/oidc/auth/abcdefghijklmnopqrstu', {}, 400],
    ['an authorization request without client', '/oidc/auth', {}, 400],
    [
      'a form from another site',
      '/login/abcdefghijklmnopqrstu/depart',
      {
        method: 'POST',
        headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'provider=x',
      },
      403,
    ],
    ['an assertion consumer service asked by GET', '/spid/unione/acs', {}, 405],
    ['an empty response', '/spid/unione/acs', { method: 'POST', body: new URLSearchParams() }, 400],
    [
      'a response that is no form',
      '/spid/unione/acs',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
      400,
    ],
    [
      'a response that is too large',
      '/spid/unione/acs',
      { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'A'.repeat(1_200_000) }) },
      413,
    ],
    ['an unsigned logout request', '/spid/unione/slo?SAMLRequest=abc', {}, 400],
    [
      'a logout request that is nothing',
      '/spid/unione/slo',
      { method: 'POST', body: new URLSearchParams() },
      400,
    ],
  ];

  it.each(cases)('answer %s with a page and a support reference', async (_what, path, init, status) => {
    const response = await fetch(`${demo.gatewayUrl}${path}`, { redirect: 'manual', ...init });
    const html = await response.text();
    expect(response.status).toBe(status);
    expect(html).toMatch(/<strong translate="no">[A-Z2-9]{4}-[A-Z2-9]{4}</);
    expect(html).not.toMatch(/\bat .*\.ts:|Error:|node_modules/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('build no address from what the request says its host is', async () => {
    const response = await fetch(`${demo.gatewayUrl}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const text = await response.text();
    expect(text).not.toContain('evil');
    expect(JSON.parse(text)).toMatchObject({
      issuer: demo.gatewayUrl,
      token_endpoint: `${demo.gatewayUrl}/oidc/token`,
    });
  });

  it('tell whether the gateway lives and is ready', async () => {
    expect((await fetch(`${demo.gatewayUrl}/health/live`)).status).toBe(200);
    const ready = await fetch(`${demo.gatewayUrl}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ok' }]);
  });
});
