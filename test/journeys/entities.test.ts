import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { responseXml, signed, type Facts } from '../../src/selfcheck/model.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement } from '../../src/selfcheck/signer.ts';
import type { ConfigurationInput } from '../../src/config/schema.ts';
import { browserWithin, startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';

const REDIRECT = 'https://client.example.it/callback';
const purpose = { it: 'prova' };
const client = (id: string, entity: string, sector?: string) => ({
  id,
  entity,
  name: { it: `Servizio ${id}` },
  homePage: 'https://client.example.it/',
  redirectUris: [REDIRECT],
  authMethod: 'none' as const,
  ...(sector ? { sector } : {}),
  attributes: [{ name: 'fiscalNumber' as const, purpose }],
});

/** The union itself, a municipality that takes part through it, and a body with a key of its own. */
function threeBodies(input: ConfigurationInput): ConfigurationInput {
  const [union] = input.entities;
  if (!union) throw new Error('the demo has an entity');
  const body = (id: string, path: string, more: object) => ({
    ...union,
    id,
    entityId: `${input.publicUrl}${path}`,
    organization: {
      name: { it: `Comune di ${id}` },
      displayName: { it: `Comune di ${id}` },
      url: { it: 'https://comune.example.it' },
    },
    ...more,
  });
  return {
    ...input,
    entities: [
      union,
      body('calcinaia', '/pub-ag-full/c_b390', {
        aggregator: 'unione',
        contact: { ipaCode: 'c_b390', email: 'spid@comune.example.it' },
      }),
      body('pontedera', '/pontedera', { contact: { ipaCode: 'c_g843', email: 'spid@comune.example.it' } }),
    ],
  };
}

describeStores('services of three bodies', (openUrl) => {
  let gateway: TestGateway;
  /** One that answers and asks what a test wants, rightly signed. */
  let provider: TestProvider;
  beforeAll(async () => {
    provider = await testProvider('https://provider.invalid', systemClock);
    gateway = await startTestGateway({
      storeUrl: await openUrl(),
      clients: [
        client('suap', 'unione'),
        client('tributi', 'unione'),
        client('scuola', 'calcinaia'),
        client('anagrafe', 'pontedera', 'unione'),
      ],
      trusted: [provider.metadata],
      change: threeBodies,
    });
  });
  afterAll(() => gateway.stop());

  const browser = () => browserWithin([gateway.url, ...gateway.providers]);

  async function request(id: string) {
    const config = await oidc.discovery(new URL(gateway.url), id, undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { config, url: url.href, verifier };
  }

  /** The AuthnRequest that leaves for a service, and the response that comes back, not yet sent. */
  async function untilResponse(id: string, from = browser()) {
    const { url } = await request(id);
    await from.visit('authorization request', url);
    const leaving = await from.press('choose the provider', gateway.providers[0]);
    const authnRequest = decode(leaving.html, 'SAMLRequest');
    await from.press('send the request');
    await from.press('choose the persona', 'anna.rossi');
    const answer = await from.press('consent', 'anna.rossi');
    return { authnRequest, fields: hidden(answer.html), action: actionOf(answer.html) };
  }

  async function enter(id: string, from = browser()) {
    const { config, url, verifier } = await request(id);
    const back = await gateway.login(url, { browser: from });
    const tokens = await oidc.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return tokens.claims();
  }

  it('send requests as three issuers to be answered at three addresses, the aggregated one signed with the key of the union', async () => {
    const requests = await Promise.all(['suap', 'scuola', 'anagrafe'].map((id) => untilResponse(id)));
    const issuers = requests.map(({ authnRequest }) => /<saml:Issuer [^>]*>([^<]*)</.exec(authnRequest)?.[1]);
    expect(issuers).toEqual([
      `${gateway.url}/spid`,
      `${gateway.url}/pub-ag-full/c_b390`,
      `${gateway.url}/pontedera`,
    ]);
    expect(requests.map(({ action }) => action)).toEqual([
      `${gateway.url}/spid/unione/acs`,
      `${gateway.url}/spid/calcinaia/acs`,
      `${gateway.url}/spid/pontedera/acs`,
    ]);
    const certificates = requests.map(
      ({ authnRequest }) => /<ds:X509Certificate>([^<]*)</.exec(authnRequest)?.[1],
    );
    expect(certificates[1]).toBe(certificates[0]);
    expect(certificates[2]).not.toBe(certificates[0]);
    // Three audiences, one for each.
    const audiences = requests.map(
      ({ fields }) =>
        /<(?:\w+:)?Audience>([^<]*)</.exec(
          Buffer.from(fields.get('SAMLResponse') ?? '', 'base64').toString(),
        )?.[1],
    );
    expect(audiences).toEqual(issuers);
  });

  it('serve the metadata of each at its entityID', async () => {
    for (const path of ['/spid', '/pub-ag-full/c_b390', '/pontedera']) {
      const response = await fetch(`${gateway.url}${path}`);
      expect(response.headers.get('content-type')).toBe('application/samlmetadata+xml');
      expect(await response.text()).toContain(`entityID="${gateway.url}${path}"`);
    }
  });

  it('refuse the answer meant for one body at the address of another', async () => {
    for (const other of ['calcinaia', 'pontedera']) {
      const { fields } = await untilResponse('suap');
      const body = new URLSearchParams([...fields]);
      const answer = await fetch(`${gateway.url}/spid/${other}/acs`, {
        method: 'POST',
        body,
        redirect: 'manual',
      });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('location')).toBeNull();
    }
  });

  it('refuse an assertion that is for another body, though it comes to the right address for the right request', async () => {
    for (const [audience, status] of [
      ['/spid', 303],
      ['/pub-ag-full/c_b390', 403],
      ['/pontedera', 403],
    ] as const) {
      const from = browser();
      const { url } = await request('suap');
      await from.visit('authorization request', url);
      const leaving = await from.press('choose the provider', provider.entityId);
      const requestId = /ID="([^"]*)"/.exec(decode(leaving.html, 'SAMLRequest'))?.[1] ?? '';
      const response = answerTo(requestId, `${gateway.url}/spid/unione/acs`, `${gateway.url}${audience}`);
      const answer = await fetch(`${gateway.url}/spid/unione/acs`, {
        method: 'POST',
        body: new URLSearchParams({
          SAMLResponse: Buffer.from(response).toString('base64'),
          RelayState: hidden(leaving.html).get('RelayState') ?? '',
        }),
        redirect: 'manual',
      });
      expect([audience, answer.status]).toEqual([audience, status]);
    }
  });

  it('close sessions at the address of the body that the provider names, and at no other', async () => {
    const slo = (id: string) => `${gateway.url}/spid/${id}/slo`;
    for (const [meant, at, status] of [
      ['unione', 'calcinaia', 400],
      ['unione', 'pontedera', 400],
      ['pontedera', 'unione', 400],
      ['pontedera', 'pontedera', 200],
    ] as const) {
      const body = new URLSearchParams({ SAMLRequest: logoutRequest(slo(meant)) });
      const answer = await fetch(slo(at), { method: 'POST', body, redirect: 'manual' });
      expect([meant, at, answer.status]).toEqual([meant, at, status]);
    }
  });

  /** A correct answer to a request, but for whom its assertion is. */
  function answerTo(requestId: string, acsUrl: string, audience: string): string {
    const now = systemClock.now();
    const facts: Facts = {
      requestId,
      acsUrl,
      audience,
      provider: provider.entityId,
      level: 2,
      responseId: `_r${requestId}`,
      assertionId: `_a${requestId}`,
      nameId: '_name',
      requested: now.toISOString(),
      instant: now.toISOString(),
      end: new Date(now.getTime() + 60_000).toISOString(),
      attributes: {
        spidCode: 'AGID-001',
        name: 'Mario',
        familyName: 'Rossi',
        fiscalNumber: 'TINIT-RSSMRA80A01H501U',
      },
    };
    return signed(responseXml(facts), { facts, ...provider, sign: signElement });
  }

  let asked = 0;
  function logoutRequest(destination: string): string {
    const id = `_lq${++asked}`;
    const entity = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
    const issuer = `<saml:Issuer Format="${entity}" NameQualifier="${provider.entityId}">${provider.entityId}</saml:Issuer>`;
    const name = `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${provider.entityId}">_name</saml:NameID>`;
    const xml = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${systemClock.now().toISOString()}" Destination="${destination}">${issuer}${name}<samlp:SessionIndex>_s1</samlp:SessionIndex></samlp:LogoutRequest>`;
    return Buffer.from(signElement(xml, id, provider.key)).toString('base64');
  }

  it('know no body that does not exist', async () => {
    for (const [method, path] of [
      ['POST', '/spid/nessuno/acs'],
      ['POST', '/spid/nessuno/slo'],
      ['GET', '/spid/nessuno/slo?SAMLRequest=x'],
    ] as const) {
      expect((await fetch(`${gateway.url}${path}`, { method })).status).toBe(404);
    }
  });

  it('share a session within a body, and never across bodies', async () => {
    const from = browser();
    await enter('suap', from);
    const again = await request('tributi');
    await untilClient(() => from.visit('a service of the same body', again.url));
    for (const other of ['scuola', 'anagrafe']) {
      const { url } = await request(other);
      const page = await from.visit('a service of another body', url);
      expect(page.html).toContain('name="provider"');
    }
  });

  it('see the same person under one name per sector, whichever body asks', async () => {
    const [suap, scuola, anagrafe] = await Promise.all(['suap', 'scuola', 'anagrafe'].map((id) => enter(id)));
    expect(anagrafe?.sub).toBe(suap?.sub);
    expect(scuola?.sub).not.toBe(suap?.sub);
    expect([suap?.aud, scuola?.aud, anagrafe?.aud]).toEqual(['suap', 'scuola', 'anagrafe']);
  });
});

function hidden(html: string): Map<string, string> {
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return new Map([...inputs].map(([, name = '', value = '']) => [name, value.replaceAll('&#43;', '+')]));
}

function actionOf(html: string): string {
  return /<form [^>]*action="([^"]*)"/.exec(html)?.[1] ?? '';
}

function decode(html: string, name: string): string {
  return Buffer.from(hidden(html).get(name) ?? '', 'base64').toString();
}
