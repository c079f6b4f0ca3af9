import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adviceOn } from '../../src/cli/trace-advice.ts';
import { Driver } from '../../src/demo/driver.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { LANGUAGES, type Language } from '../../src/identity/language.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { errorXml, signAt } from '../../src/selfcheck/model.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement } from '../../src/selfcheck/signer.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { messages } from '../../src/web/messages/index.ts';
import type { ProblemReason } from '../../src/web/messages/problem-text.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const CALLBACK = 'http://127.0.0.1:9/callback';
const SERVICE = { it: 'Sportello unico', en: 'One-stop desk' };
const URN = 'urn:oasis:names:tc:SAML:2.0:status:';
const PAIRS: readonly (readonly [string, string?])[] = [
  ['Responder', 'AuthnFailed'],
  ['Requester', 'RequestDenied'],
  ['VersionMismatch'],
  ['Invented', 'Pair'],
];
const WORDINGS = [
  (nr: number) => `ErrorCode nr${nr}`,
  (nr: number) => `Errore del gestore: errorcode NR 0${nr} (riprovare)`,
];

interface Row {
  readonly nr: number;
  readonly reason: ProblemReason;
  readonly error: string;
  readonly retry: boolean;
}

const row = (reason: ProblemReason, error: string, retry: boolean, ...numbers: number[]): Row[] =>
  numbers.map((nr) => ({ nr, reason, error, retry }));

/** The table of the specification (6.1); 1 is success and means nothing under an error status, as 24, 31 and 99. */
const TABLE: readonly Row[] = [
  ...row('unknown', 'server_error spid_unknown', true, 1, 24, 31, 99),
  ...row('unreachable', 'temporarily_unavailable', true, 2),
  ...row('provider-fault', 'temporarily_unavailable', true, 3),
  ...row('our-fault', 'server_error', false, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18),
  ...row('not-started', 'server_error', true, 13),
  ...row('wrong-credentials', 'access_denied', true, 19),
  ...row('level-not-held', 'access_denied', true, 20),
  ...row('timed-out', 'access_denied', true, 21),
  ...row('consent-refused', 'access_denied', true, 22),
  ...row('identity-suspended', 'access_denied', false, 23),
  ...row('cancelled', 'access_denied', true, 25),
  ...row('not-completed', 'access_denied', true, 26, 27, 28, 29),
  ...row('wrong-identity-kind', 'access_denied', true, 30),
];

describe('anomalies of identity providers, over HTTP (spid-response-validation, 6 and 6.1)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'anomalies-'));
  let gateway: TestGateway;
  let provider: TestProvider;
  let store: Store;

  beforeAll(async () => {
    const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
    provider = await testProvider('https://provider.invalid', systemClock);
    gateway = await startTestGateway({
      storeUrl,
      trusted: [provider.metadata],
      clients: [
        {
          ...{ id: 'service', entity: 'unione', name: SERVICE, homePage: CALLBACK },
          ...{ redirectUris: [CALLBACK], authMethod: 'none' as const },
          attributes: [],
        },
      ],
    });
    store = await openStore(storeUrl, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A citizen at the provider: her browser, and what the provider needs to answer. */
  async function departed(language: Language): Promise<{ browser: Driver; fields: Fields }> {
    const browser = new Driver();
    const query = new URLSearchParams({
      ...{ client_id: 'service', response_type: 'code', scope: 'openid', state: 'of-the-service' },
      ...{ redirect_uri: CALLBACK, ui_locales: language, idp_hint: provider.entityId },
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    await browser.visit('request', `${gateway.url}/oidc/auth?${query.toString()}`);
    return { browser, fields: fieldsOf(browser.page.html) };
  }

  /** The provider's error, posted as a browser does, and the page that answers. */
  async function fail(
    { requestId, relayState }: Fields,
    language: Language,
    [top, sub]: readonly [string, string?],
    message: string,
    isSigned: boolean,
  ) {
    const status = `<samlp:StatusCode Value="${URN}${top}">${sub ? `<samlp:StatusCode Value="${URN}${sub}"/>` : ''}</samlp:StatusCode>`;
    const acsUrl = `${gateway.url}/spid/unione/acs`;
    const instant = new Date(systemClock.now().getTime() + 1000).toISOString();
    const xml = errorXml(
      {
        ...{ requestId, requested: instant, acsUrl, audience: `${gateway.url}/spid`, level: 2 },
        ...{ provider: provider.entityId, responseId: `_r${requestId}`, assertionId: '', nameId: '' },
        ...{ instant, end: instant, attributes: {} },
      },
      status,
      message,
    );
    const signed = signAt(
      xml,
      `_r${requestId}`,
      { key: provider.key, sign: signElement },
      isSigned ? {} : false,
    );
    const response = await fetch(acsUrl, {
      method: 'POST',
      headers: { 'accept-language': language },
      body: new URLSearchParams({
        SAMLResponse: Buffer.from(signed).toString('base64'),
        RelayState: relayState,
      }),
    });
    return { status: response.status, html: await response.text() };
  }

  it.each(TABLE)('nr$nr: "$reason", $error, retry $retry', async ({ nr, reason, error, retry }) => {
    for (const [at, pair] of PAIRS.entries()) {
      for (const isSigned of [true, false]) {
        // Each pair in one language, each language signed and unsigned and in both wordings.
        const language = LANGUAGES[at % 2] ?? 'it';
        const { fields } = await departed(language);
        const message = WORDINGS[Math.floor(at / 2)]?.(nr) ?? '';
        const { status, html } = await fail(fields, language, pair, message, isSigned);
        expect(status).toBe(403);
        expect(html).toContain(`<html lang="${language}">`);
        expect(html).toMatch(/<div role="alert">\s*<h1 class="h2" tabindex="-1" autofocus>/);
        const [text, { problem }] = [messages(language).problem.texts[reason], messages(language)];
        const variables = { service: SERVICE[language], level: 2 };
        for (const sentence of [text.title, text.happened(variables), text.next(variables)])
          expect(html).toContain(sentence.replaceAll("'", '&#39;'));
        const code = error.includes(' ') ? error : `${error} spid_nr${String(nr).padStart(2, '0')}`;
        expect(html).toContain(`name="code" value="${code}"`);
        expect(html.includes(`name="provider" value="${provider.entityId}"`)).toBe(retry);
        for (const offered of [problem.otherIdentity, problem.backToService]) expect(html).toContain(offered);
        // What is technical is for the service and for operators.
        expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/nr\d\d|SAML|urn:/);
      }
    }
  });

  it('nr13 offers one more try, and no third', async () => {
    const { browser, fields } = await departed('it');
    const first = await fail(fields, 'it', ['Requester'], 'ErrorCode nr13', true);
    expect(first.html).toContain('name="provider"');
    const login = /action="(\/login\/[^"/]+)\/depart"/.exec(first.html)?.[1] ?? '';
    await browser.visit('choose again', `${gateway.url}${login}?choose`);
    await browser.press('retry', provider.entityId);
    const second = await fail(fieldsOf(browser.page.html), 'it', ['Requester'], 'ErrorCode nr13', true);
    expect(second.html).toContain(
      messages('it').problem.texts['not-started'].next({ service: '', level: 2 }),
    );
    expect(second.html).not.toContain('name="provider"');
  });

  it('tells whoever comes back to the choice without an answer that the provider may be out of order', async () => {
    const { browser } = await departed('it');
    const login = new URL(browser.page.url).pathname;
    await browser.visit('come back', `${gateway.url}${login}?choose`);
    expect(browser.page.html).toContain('Se il gestore non risponde');
  });

  it('gives operators the whole story under the code on the page, with the check and what to do', async () => {
    const { fields } = await departed('it');
    const { html } = await fail(fields, 'it', ['Responder'], 'ErrorCode nr20', true);
    const reference = /<strong translate="no">([^<]*)</.exec(html)?.[1] ?? '';
    const keys = loadKeys(gateway.configuration.keys.directory, {
      passphrase: gateway.configuration.keys.passphrase,
    });
    const register = openRegister(gateway.configuration, keys);
    const advice = async () => (await register.trace(store.db, reference)).map(adviceOn);
    expect(await advice()).toEqual([
      undefined,
      'The citizen asks her provider for the level; nothing is wrong here.',
    ]);
    const swapped = await fail({ ...fields, relayState: 'x' }, 'it', ['Responder'], 'ErrorCode nr20', true);
    expect(swapped.status).toBe(403);
    expect((await advice()).at(-1)).toMatch(/^check C2: .+ The citizen starts again\.$/);
  });
});

interface Fields {
  readonly requestId: string;
  readonly relayState: string;
}

function fieldsOf(html: string): Fields {
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  const xml = Buffer.from(field('SAMLRequest'), 'base64').toString();
  return { requestId: / ID="([^"]*)"/.exec(xml)?.[1] ?? '', relayState: field('RelayState') };
}
