import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/admin/trace/advice.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { LANGUAGES } from '../../src/identity/language.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { messages } from '../../src/web/messages/index.ts';
import type { ProblemReason } from '../../src/web/messages/problem-text.ts';
import { AnomalyStage, CALLBACK, fieldsOf, SERVICE } from '../support/anomalies.ts';

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
  let stage: AnomalyStage;
  let store: Store;

  beforeAll(async () => {
    stage = await AnomalyStage.open({
      service: {},
      exact: { levelNotHeld: 'unmet_authentication_requirements' },
      professional: { purpose: 'PF' },
    });
    store = await openStore(stage.storeUrl, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await stage.stop();
  });

  it.each(TABLE)('nr$nr: "$reason", $error, retry $retry', async ({ nr, reason, error, retry }) => {
    for (const [at, pair] of PAIRS.entries()) {
      for (const isSigned of [true, false]) {
        // Each pair in one language, each language signed and unsigned and in both wordings.
        const language = LANGUAGES[at % 2] ?? 'it';
        const { fields } = await stage.departed(language);
        const message = WORDINGS[Math.floor(at / 2)]?.(nr) ?? '';
        const { status, html } = await stage.fail(fields, language, { pair, message, signed: isSigned });
        expect(status).toBe(403);
        expect(html).toContain(`<html lang="${language}">`);
        expect(html).toMatch(/<div role="alert">\s*<h1 class="h2" tabindex="-1" autofocus>/);
        const [text, { problem }] = [messages(language).problem.texts[reason], messages(language)];
        const variables = { service: SERVICE[language], level: 2, again: retry };
        for (const sentence of [text.title, text.happened(variables), text.next(variables)])
          expect(html).toContain(sentence.replaceAll("'", '&#39;'));
        const code = error.includes(' ') ? error : `${error} spid_nr${String(nr).padStart(2, '0')}`;
        expect(html).toContain(`name="code" value="${code}"`);
        expect(html.includes(`name="provider" value="${stage.provider.entityId}"`)).toBe(retry);
        for (const offered of [problem.otherIdentity, problem.backToService]) expect(html).toContain(offered);
        // What is technical is for the service and for operators.
        expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/nr\d\d|SAML|urn:/);
      }
    }
  });

  it('nr13 offers one more try, and no third', async () => {
    const { browser, fields } = await stage.departed('it');
    const first = await stage.fail(fields, 'it', { pair: ['Requester'], message: 'ErrorCode nr13' });
    expect(first.html).toContain('name="provider"');
    const login = /action="(\/login\/[^"/]+)\/depart"/.exec(first.html)?.[1] ?? '';
    await browser.visit('choose again', `${stage.gateway.url}${login}?choose`);
    await browser.press('retry', stage.provider.entityId);
    const second = await stage.fail(fieldsOf(browser.page.html), 'it', {
      pair: ['Requester'],
      message: 'ErrorCode nr13',
    });
    expect(second.html).toContain(
      messages('it').problem.texts['not-started'].next({ service: '', level: 2, again: false }),
    );
    expect(second.html).not.toMatch(/Riprova/);
    expect(second.html).not.toContain('name="provider"');
  });

  it('nr20 reaches a service that asked for it as the error of OpenID Connect for levels not met', async () => {
    const { cookies, fields } = await stage.departed('it', 'exact');
    const { html } = await stage.fail(fields, 'it', { pair: ['Responder'], message: 'ErrorCode nr20' });
    const back = await stage.backToService(html, cookies);
    expect([back.origin + back.pathname, Object.fromEntries(back.searchParams)]).toEqual([
      CALLBACK,
      {
        error: 'unmet_authentication_requirements',
        error_description: 'spid_nr20',
        state: 'of-the-service',
        iss: stage.gateway.url,
      },
    ]);
  });

  it('nr30 says which kind of identity the service asks for', async () => {
    const { fields } = await stage.departed('it', 'professional');
    const { html } = await stage.fail(fields, 'it', { pair: ['Responder'], message: 'ErrorCode nr30' });
    expect(html).toContain('Riprova con la tua identità a uso professionale');
  });

  it('tells whoever comes back to the choice without an answer that the provider may be out of order', async () => {
    const { browser } = await stage.departed('it');
    const login = new URL(browser.page.url).pathname;
    await browser.visit('come back', `${stage.gateway.url}${login}?choose`);
    expect(browser.page.html).toContain('Se il gestore non risponde');
  });

  it('gives operators the whole story under the code on the page, with the check and what to do', async () => {
    const { fields } = await stage.departed('it');
    const { html } = await stage.fail(fields, 'it', { pair: ['Responder'], message: 'ErrorCode nr20' });
    const reference = /<strong translate="no">([^<]*)</.exec(html)?.[1] ?? '';
    const keys = loadKeys(stage.gateway.configuration.keys.directory, {
      passphrase: stage.gateway.configuration.keys.passphrase,
    });
    const register = openRegister(stage.gateway.configuration, keys);
    const advice = async () =>
      (await register.trace(store.db, reference)).map((entry) => adviceOn(entry, 'en')?.operator);
    expect(await advice()).toEqual([
      undefined,
      'The citizen asks her provider for the level; nothing is wrong here.',
    ]);
    const swapped = await stage.fail({ ...fields, relayState: 'x' }, 'it', {
      pair: ['Responder'],
      message: 'ErrorCode nr20',
    });
    expect(swapped.status).toBe(403);
    expect((await advice()).at(-1)).toMatch(/^check C2: .+ The citizen starts again\.$/);
  });
});
