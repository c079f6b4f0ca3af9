import { generateKeyPairSync, randomBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { XmlElement } from 'libxml2-wasm';
import type { Entity } from '../../src/entities/entity.ts';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { newId } from '../../src/saml/documents.ts';
import { Dom } from '../../src/selfcheck/dom.ts';
import type { TestProvider } from '../../src/selfcheck/provider.ts';
import { envelopedFault } from '../../src/selfcheck/verify.ts';
import { sealMetadata } from '../../src/sources/spid/metadata.ts';
import { buildAuthnRequest, departBy } from '../../src/sources/spid/request.ts';
import { freePorts } from './demo.ts';

/**
 * A service provider written for the test alone: it judges answers with checks of its own, none of the gateway's, and
 * leaves out those that the login's address names (`?without=audience,recipient`); its requests get the faults that
 * `?plant=` names.
 */
export interface LaxServiceProvider {
  readonly metadataUrl: string;
  readonly loginUrl: string;
  stop(): Promise<void>;
}

/** What an answer is held against. */
interface Answer {
  readonly dom: Dom;
  readonly form: URLSearchParams;
  readonly cookie: string;
  readonly login: Login;
  readonly acsUrl: string;
  readonly entityId: string;
  readonly provider: string;
  readonly keys: readonly KeyObject[];
}

interface Login {
  readonly id: string;
  readonly relayState: string;
  readonly browser: string;
  readonly requested: number;
  readonly without: readonly string[];
  used: boolean;
}

const SKEW_MS = 60_000;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const A = '/samlp:Response/saml:Assertion';
const CONFIRMATION = `${A}/saml:Subject/saml:SubjectConfirmation`;
const DATA = `${CONFIRMATION}/saml:SubjectConfirmationData`;
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const FORMAT = 'urn:oasis:names:tc:SAML:2.0:nameid-format';

const at = (value: string | undefined): number =>
  value !== undefined && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
const past = (value: string | undefined) => at(value) <= performance.timeOrigin + performance.now() + SKEW_MS;
const ahead = (value: string | undefined) => at(value) > performance.timeOrigin + performance.now() - SKEW_MS;
const text = ({ dom }: Answer, path: string) => dom.text(path)?.trim() ?? '';

type Check = (answer: Answer) => boolean;
const issued =
  (path: string): Check =>
  ({ dom, login }) =>
    past(dom.attribute(`${path}/@IssueInstant`)) &&
    at(dom.attribute(`${path}/@IssueInstant`)) >= login.requested - SKEW_MS;
const equals =
  (path: string, expected: (answer: Answer) => string): Check =>
  (answer) =>
    answer.dom.attribute(path) === expected(answer);

/** Each can be left out by its name. */
const CHECKS: Readonly<Record<string, Check>> = {
  'one-assertion': ({ dom }) => dom.all('//saml:Assertion').length === 1 && dom.all(A).length === 1,
  children: ({ dom }) =>
    dom.all(
      '/samlp:Response/*[not(self::saml:Issuer or self::ds:Signature or self::samlp:Status or self::saml:Assertion)]',
    ).length === 0,
  'unique-ids': ({ dom }) => {
    const ids = [...dom.document.find('//@ID | //@Id')].map((each) => each.content);
    return new Set(ids).size === ids.length;
  },
  'plain-text': ({ dom }) => dom.document.find('//comment() | //processing-instruction()').length === 0,
  'relay-state': ({ form, login }) => form.get('RelayState') === login.relayState,
  browser: ({ cookie, login }) => cookie.includes(login.browser),
  replay: ({ login }) => !login.used,
  'response-id': ({ dom }) => !!dom.attribute('@ID'),
  'response-version': equals('@Version', () => '2.0'),
  'response-instant': issued('/samlp:Response'),
  destination: equals('@Destination', ({ acsUrl }) => acsUrl),
  status: equals('samlp:Status/samlp:StatusCode/@Value', () => SUCCESS),
  'response-issuer': (answer) => text(answer, '/samlp:Response/saml:Issuer') === answer.provider,
  'response-issuer-format': ({ dom }) =>
    (dom.attribute('/samlp:Response/saml:Issuer/@Format') ?? `${FORMAT}:entity`) === `${FORMAT}:entity`,
  'assertion-id': ({ dom }) => !!dom.attribute(`${A}/@ID`),
  'assertion-version': equals(`${A}/@Version`, () => '2.0'),
  'assertion-instant': issued(A),
  'assertion-issuer': (answer) => text(answer, `${A}/saml:Issuer`) === answer.provider,
  'assertion-issuer-format': equals(`${A}/saml:Issuer/@Format`, () => `${FORMAT}:entity`),
  'name-id': (answer) => text(answer, `${A}/saml:Subject/saml:NameID`) !== '',
  'name-id-format': equals(`${A}/saml:Subject/saml:NameID/@Format`, () => `${FORMAT}:transient`),
  'name-qualifier': ({ dom }) => !!dom.attribute(`${A}/saml:Subject/saml:NameID/@NameQualifier`),
  bearer: equals(`${CONFIRMATION}/@Method`, () => 'urn:oasis:names:tc:SAML:2.0:cm:bearer'),
  recipient: equals(`${DATA}/@Recipient`, ({ acsUrl }) => acsUrl),
  'confirmation-request': equals(`${DATA}/@InResponseTo`, ({ login }) => login.id),
  'confirmation-end': ({ dom }) => ahead(dom.attribute(`${DATA}/@NotOnOrAfter`)),
  'not-before': ({ dom }) => past(dom.attribute(`${A}/saml:Conditions/@NotBefore`)),
  'conditions-end': ({ dom }) => ahead(dom.attribute(`${A}/saml:Conditions/@NotOnOrAfter`)),
  audience: (answer) =>
    text(answer, `${A}/saml:Conditions/saml:AudienceRestriction/saml:Audience`) === answer.entityId,
  'authn-instant': ({ dom }) => past(dom.attribute(`${A}/saml:AuthnStatement/@AuthnInstant`)),
  level: (answer) =>
    /^https:\/\/www\.spid\.gov\.it\/SpidL[23]$/.test(
      text(answer, `${A}/saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef`),
    ),
  attributes: ({ dom }) => {
    const names = dom
      .all(`${A}[1]/saml:AttributeStatement/saml:Attribute`)
      .map((each) => dom.attribute('@Name', each));
    const filled = dom.all(
      `${A}[1]/saml:AttributeStatement/saml:Attribute[normalize-space(saml:AttributeValue) != ""]`,
    );
    return names.length > 0 && filled.length === names.length && new Set(names).size === names.length;
  },
};

/** Signatures: those there must verify, and the Assertion's has to be there. */
function signaturesHold({ dom, keys, login }: Answer): boolean {
  const keysOf = (element: XmlElement) =>
    login.without.includes('trusted-key')
      ? dom.all('ds:Signature//ds:X509Certificate', element).map(({ content }) => keyOf(content))
      : keys;
  const good = (element: XmlElement) =>
    dom.all('ds:Signature/ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform', element).length === 2 &&
    dom.all(
      "ds:Signature/ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform[contains(@Algorithm,'xslt')]",
      element,
    ).length === 0 &&
    dom.all('ds:Signature/ds:SignedInfo', element).length === 1 &&
    envelopedFault(dom, keysOf(element), element) === undefined;
  const isSigned = (element: XmlElement) => dom.all('ds:Signature', element).length > 0;
  if (login.without.includes('response-signature') === false && isSigned(dom.root) && !good(dom.root))
    return false;
  // The classic mistake: some Assertion is well signed, and another one is read.
  const assertions = dom.all(login.without.includes('one-assertion') ? '//saml:Assertion' : A);
  const signed = assertions.filter(isSigned);
  if (signed.length === 0) return login.without.includes('signature') || assertions.length === 0;
  return signed.some(good);
}

function keyOf(certificate: string): KeyObject {
  return new X509Certificate(Buffer.from(certificate, 'base64')).publicKey;
}

/** What can be planted into a request, before it is signed or after. */
const PLANTS: Readonly<Record<string, (xml: string) => string>> = {
  'is-passive': (xml) => xml.replace(' Version="2.0"', ' IsPassive="false" Version="2.0"'),
  'no-force-authn': (xml) => xml.replace(' ForceAuthn="true"', ''),
  'allow-create': (xml) => xml.replace('<samlp:NameIDPolicy', '<samlp:NameIDPolicy AllowCreate="true"'),
  'both-addresses': (xml) =>
    xml.replace(' Version="2.0"', ' Version="2.0" AssertionConsumerServiceURL="https://x.example/acs"'),
  'unknown-set': (xml) =>
    xml.replace(/AttributeConsumingServiceIndex="\d+"/, 'AttributeConsumingServiceIndex="9"'),
  'no-qualifier': (xml) => xml.replace(/ NameQualifier="[^"]*"/, ''),
  'old-class': (xml) => xml.replace('https://www.spid.gov.it/', 'urn:oasis:names:tc:SAML:2.0:ac:classes:'),
  'provider-name': (xml) => xml.replace(' Version="2.0"', ' Version="2.0" ProviderName="x"'),
  'wrong-order': (xml) =>
    xml.replace(/(<samlp:NameIDPolicy [^>]*>)(<samlp:Requested.*<\/samlp:Requested\w+>)/, '$2$1'),
};

/** @param tamper changes the signed metadata */
export async function startLaxServiceProvider(
  provider: TestProvider,
  tamper: (metadata: string) => string = (metadata) => metadata,
): Promise<LaxServiceProvider> {
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const entity: Entity = {
    id: 'lax',
    entityId: `${url}/metadata`,
    organization: {
      name: { it: 'Ente lasco', en: 'Lax body' },
      displayName: { it: 'Lasco', en: 'Lax' },
      url: { it: 'https://www.example.it', en: 'https://www.example.it/en' },
    },
    contact: { ipaCode: 'c_lax', email: 'accesso@example.it', telephone: '+390500000000' },
    locality: 'Esempio',
    attributeSets: [{ index: 0, name: 'Identificazione', attributes: ['spidCode', 'name', 'fiscalNumber'] }],
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const subject = {
    commonName: 'Lasco',
    organizationName: 'Ente lasco',
    entityId: entity.entityId,
    ipaCode: 'c_lax',
    locality: 'Esempio',
  };
  const pem = await selfSignedCertificate(subject, privateKey, new Date(performance.timeOrigin - 60_000), 1);
  const key = { privateKey, certificate: new X509Certificate(pem).raw.toString('base64') };
  const metadata = tamper(Buffer.from(sealMetadata(entity, url, [key.certificate], key)).toString());
  const keys = [keyOf(provider.key.certificate)];
  const acsUrl = `${url}/spid/lax/acs`;
  const logins = new Map<string, Login>();

  function login(address: URL, response: ServerResponse): void {
    const plants = (address.searchParams.get('plant') ?? '').split(',').filter(Boolean);
    if (plants.includes('detour') && !address.searchParams.has('again')) {
      response.writeHead(302, { location: `${address.pathname}${address.search}&again` }).end();
      return;
    }
    const requested = Math.floor(performance.timeOrigin + performance.now());
    const [id, browser] = [newId(), randomBytes(16).toString('hex')];
    const relayState = plants.includes('relay-state-url')
      ? 'http://127.0.0.1/secret'
      : randomBytes(16).toString('hex');
    const without = (address.searchParams.get('without') ?? '').split(',');
    logins.set(id, { id, browser, relayState, requested, without, used: false });
    const built = buildAuthnRequest({
      entity,
      id,
      issueInstant: new Date(requested),
      destination: provider.location,
      level: 2,
      comparison: 'minimum',
      forceAuthn: true,
      acsIndex: 0,
      attributeSetIndex: 0,
    });
    const xml = plants.reduce((changing, plant) => PLANTS[plant]?.(changing) ?? changing, built);
    const binding = address.searchParams.get('binding') === 'redirect' ? 'redirect' : 'post';
    const { departure } = departBy(binding, { xml, destination: provider.location, relayState, key });
    const headers = { 'set-cookie': `browser=${browser}; Path=/; HttpOnly; SameSite=None; Secure` };
    if (departure.kind === 'redirect') {
      response.writeHead(302, { ...headers, location: departure.url }).end();
      return;
    }
    const { SAMLRequest = '', RelayState = '' } = departure.fields;
    const message = plants.includes('altered')
      ? Buffer.from(Buffer.from(SAMLRequest, 'base64').toString().replace('minimum', 'exact')).toString(
          'base64',
        )
      : SAMLRequest;
    // Not as we write our own pages: no quotes, capitals, another form of the same page afterwards.
    response
      .writeHead(200, { ...headers, 'content-type': 'text/html' })
      .end(
        `<HTML><TITLE>Accesso</TITLE><FORM METHOD=post ACTION=${departure.action}><INPUT TYPE=hidden NAME=SAMLRequest VALUE='${message}'><input name="RelayState" value="${RelayState}"></FORM><form><input name=q></form>`,
      );
  }

  async function consume(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const [message = '', ...more] = form.getAll('SAMLResponse');
    using dom = Dom.read(Buffer.from(message, 'base64'));
    const found = logins.get(dom?.attribute('@InResponseTo') ?? '');
    const end = (status: number, title: string) =>
      response
        .writeHead(status, { 'content-type': 'text/html' })
        .end(`<title>Lasco</title><h1>${title}</h1>`);
    if (!dom || !found || more.length > 0 || dom.root.name !== 'Response') {
      end(400, 'Risposta non valida');
      return;
    }
    const answer: Answer = {
      dom,
      form,
      login: found,
      acsUrl,
      keys,
      entityId: entity.entityId,
      provider: provider.entityId,
      cookie: request.headers.cookie ?? '',
    };
    const anomaly = /ErrorCode nr0*(\d+)/.exec(dom.text('samlp:Status/samlp:StatusMessage') ?? '')?.[1];
    const kept = Object.entries(CHECKS).filter(([name]) => !found.without.includes(name));
    const accepted = kept.every(([, check]) => check(answer)) && signaturesHold(answer);
    if (accepted) found.used = true;
    if (accepted) end(200, 'Benvenuto');
    else if (anomaly !== undefined && !found.without.includes('explanations'))
      end(403, `Anomalia: ${PAGES[anomaly] ?? 'altro'}`);
    else end(403, 'Risposta non valida');
  }

  const server = createServer((request, response) => {
    const address = new URL(request.url ?? '', url);
    if (address.pathname === '/metadata') response.writeHead(200).end(metadata);
    else if (address.pathname === '/login') login(address, response);
    else void consume(request, response);
  }).listen(port, '127.0.0.1');
  return {
    metadataUrl: entity.entityId,
    loginUrl: `${url}/login`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const PAGES: Readonly<Record<string, string>> = {
  19: 'credenziali errate',
  20: 'livello non posseduto',
  21: 'tempo scaduto',
  22: 'consenso negato',
  23: 'identità sospesa',
  25: 'accesso annullato',
};
