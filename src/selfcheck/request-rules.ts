import { parseXml } from '../saml/xml.ts';
import { Refused } from '../operations/errors.ts';
import type { CapturedRequest } from './capture.ts';
import { Dom } from './dom.ts';
import { tryRules, unless, type Rule, type RuleResult } from './rule.ts';
import type { ServiceProvider } from './service-provider.ts';
import { envelopedFault, queryFault } from './verify.ts';

/** A request as a strict provider looks at it. */
interface Examined {
  readonly request: CapturedRequest;
  readonly dom: Dom;
  readonly serviceProvider: ServiceProvider;
  /** Where requests for this provider are to go. */
  readonly location: string;
  /** Why its signature does not verify. */
  readonly signature: string | undefined;
}

const CONTEXT = 'samlp:RequestedAuthnContext';
const COMPARISONS = ['exact', 'minimum', 'better', 'maximum'];
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const LIMIT = 256 * 1024;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** What AgID's checkers look at in one request (spid-authn-request, 10). */
const REQUEST_RULES: readonly Rule<Examined>[] = [
  {
    id: 'Q0',
    rule: {
      it: 'la richiesta arriva con la prima risposta, 200 con il modulo o 302',
      en: 'the request comes with the first answer, 200 with the form or 302',
    },
    test: ({ request: { hops, status, binding } }) =>
      unless(
        hops === 0 && status === (binding === 'post' ? 200 : 302),
        `${hops} redirects, status ${status}`,
      ),
  },
  {
    id: 'Q1',
    rule: { it: 'valida secondo lo schema del protocollo', en: 'valid by the protocol schema' },
    test: ({ request }) => {
      const [violation] = violationsOf(request.xml);
      return unless(violation === undefined, violation);
    },
  },
  {
    id: 'Q2',
    rule: { it: 'firma verificata con la chiave dei metadata', en: 'signed with a key of the metadata' },
    test: ({ signature }) => signature,
  },
  {
    id: 'Q3',
    rule: {
      it: 'AuthnRequest con ID, Version 2.0, IssueInstant UTC e Destination del gestore',
      en: "AuthnRequest with ID, Version 2.0, IssueInstant in UTC and the provider's Destination",
    },
    test: ({ dom, location }) => {
      const [id = '', version, instant = '', destination] = [
        'ID',
        'Version',
        'IssueInstant',
        'Destination',
      ].map((name) => dom.attribute(`@${name}`));
      return (
        unless(dom.root.name === 'AuthnRequest', dom.root.name) ??
        unless(/^[A-Za-z_][\w.-]{15,}$/.test(id), `ID "${id}"`) ??
        unless(version === '2.0', `Version "${version}"`) ??
        unless(INSTANT.test(instant), `IssueInstant "${instant}"`) ??
        unless(destination === location, `Destination "${destination}"`)
      );
    },
  },
  {
    id: 'Q4',
    rule: { it: 'IsPassive assente', en: 'no IsPassive' },
    test: ({ dom }) => absent(dom.attribute('@IsPassive'), 'IsPassive'),
  },
  {
    id: 'Q5',
    rule: { it: 'ForceAuthn true per i livelli 2 e 3', en: 'ForceAuthn true for levels 2 and 3' },
    test: ({ dom }) => {
      const [level, force] = [dom.text(`${CONTEXT}/saml:AuthnContextClassRef`), dom.attribute('@ForceAuthn')];
      return unless(level?.endsWith('SpidL1') || force === 'true' || force === '1', `ForceAuthn "${force}"`);
    },
  },
  {
    id: 'Q6',
    rule: {
      it: "l'AssertionConsumerService è nei metadata, per indice oppure per URL con ProtocolBinding",
      en: 'the AssertionConsumerService is in the metadata, by index or by URL with ProtocolBinding',
    },
    test: ({ dom, serviceProvider: { consumers } }) => {
      const index = dom.attribute('@AssertionConsumerServiceIndex');
      const url = dom.attribute('@AssertionConsumerServiceURL');
      const binding = dom.attribute('@ProtocolBinding');
      const byIndex = consumers.some((each) => each.index === index) && !url && !binding;
      const byUrl = !index && binding === POST && consumers.some(({ location }) => location === url);
      return unless(byIndex || byUrl, `index "${index}", URL "${url}", binding "${binding}"`);
    },
  },
  {
    id: 'Q7',
    rule: {
      it: "l'AttributeConsumingServiceIndex è nei metadata",
      en: 'the AttributeConsumingServiceIndex is in the metadata',
    },
    test: ({ dom, serviceProvider }) => {
      const index = dom.attribute('@AttributeConsumingServiceIndex');
      return unless(index !== undefined && serviceProvider.attributeSets.has(index), `"${index}"`);
    },
  },
  {
    id: 'Q8',
    rule: {
      it: 'Subject assente, o con Format e NameQualifier',
      en: 'no Subject, or one with Format and NameQualifier',
    },
    test: ({ dom }) => {
      const [subject] = dom.all('saml:Subject');
      const complete = ['Format', 'NameQualifier'].every((name) =>
        dom.attribute(`saml:Subject/saml:NameID/@${name}`),
      );
      return unless(!subject || complete, 'Subject');
    },
  },
  {
    id: 'Q9',
    rule: {
      it: "un solo Issuer, uguale all'entityID, con Format e NameQualifier",
      en: 'one Issuer, equal to the entityID, with Format and NameQualifier',
    },
    test: ({ dom, serviceProvider: { entityId } }) => {
      const issuers = dom.all('saml:Issuer');
      const text = dom.text('saml:Issuer');
      return (
        unless(issuers.length === 1 && text === entityId, `"${text}"`) ??
        unless(dom.attribute('saml:Issuer/@Format') === ENTITY, 'Format') ??
        unless(!!dom.attribute('saml:Issuer/@NameQualifier'), 'NameQualifier')
      );
    },
  },
  {
    id: 'Q10',
    rule: {
      it: 'un solo NameIDPolicy transient, senza AllowCreate',
      en: 'one NameIDPolicy, transient, no AllowCreate',
    },
    test: ({ dom }) =>
      unless(dom.all('samlp:NameIDPolicy').length === 1, `${dom.all('samlp:NameIDPolicy').length}`) ??
      unless(dom.attribute('samlp:NameIDPolicy/@Format') === TRANSIENT, 'Format') ??
      absent(dom.attribute('samlp:NameIDPolicy/@AllowCreate'), 'AllowCreate'),
  },
  {
    id: 'Q11',
    rule: {
      it: 'Conditions assente, o con NotBefore e NotOnOrAfter',
      en: 'no Conditions, or ones with NotBefore and NotOnOrAfter',
    },
    test: ({ dom }) => {
      const complete = ['NotBefore', 'NotOnOrAfter'].every((name) =>
        dom.attribute(`saml:Conditions/@${name}`),
      );
      return unless(dom.all('saml:Conditions').length === 0 || complete, 'Conditions');
    },
  },
  {
    id: 'Q12',
    rule: {
      it: 'un solo RequestedAuthnContext, con Comparison e una classe SPID',
      en: 'one RequestedAuthnContext, with Comparison and one SPID class',
    },
    test: ({ dom }) => {
      const classes = dom.all(`${CONTEXT}/saml:AuthnContextClassRef`).map(({ content }) => content);
      const comparison = dom.attribute(`${CONTEXT}/@Comparison`);
      const spid =
        classes.length === 1 && /^https:\/\/www\.spid\.gov\.it\/SpidL[123]$/.test(classes[0] ?? '');
      return (
        unless(spid && dom.all(CONTEXT).length === 1, `"${classes.join(' ')}"`) ??
        unless(COMPARISONS.includes(comparison ?? ''), `Comparison "${comparison}"`)
      );
    },
  },
  {
    id: 'Q13',
    rule: {
      it: 'con il POST la firma è subito dopo Issuer; con il Redirect non è nel documento',
      en: 'by POST the signature follows Issuer; by Redirect the document has none',
    },
    // Read anew: verifying took the signature out.
    test: ({ request }) => {
      using dom = Dom.read(request.xml);
      const count = dom?.all('//ds:Signature').length ?? 0;
      const placed = dom?.all('saml:Issuer/following-sibling::*[1][self::ds:Signature]').length === 1;
      return request.binding === 'post'
        ? unless(count === 1 && placed, `${count} ds:Signature`)
        : unless(count === 0, `${count} ds:Signature`);
    },
  },
  {
    id: 'Q14',
    rule: {
      it: 'RelayState presente, al più 80 byte, non un indirizzo',
      en: 'RelayState present, at most 80 bytes, no address',
    },
    test: ({ request: { relayState } }) =>
      unless(
        !!relayState && Buffer.byteLength(relayState) <= 80 && !relayState.includes('http'),
        `"${relayState}"`,
      ),
  },
  {
    id: 'Q15',
    rule: {
      it: "inviata all'indirizzo del gestore per questo binding, con il primo modulo della pagina",
      en: "sent to the provider's address for this binding, by the first form of the page",
    },
    test: ({ request: { destination, firstForm }, location }) =>
      unless(destination === location, `"${destination}"`) ??
      unless(firstForm !== false, 'another form comes first, or it is not posted'),
  },
  {
    id: 'Q16',
    rule: {
      it: 'niente che i gestori rifiutano: ProviderName, Consent, Scoping',
      en: 'nothing that providers refuse: ProviderName, Consent, Scoping',
    },
    test: ({ dom }) =>
      absent(dom.attribute('@ProviderName'), 'ProviderName') ??
      absent(dom.attribute('@Consent'), 'Consent') ??
      unless(dom.all('samlp:Scoping').length === 0, 'Scoping'),
  },
];

/** Holds a request against what AgID's checkers look at (spid-authn-request, 10). */
export function checkRequest(
  request: CapturedRequest,
  serviceProvider: ServiceProvider,
  location: string,
): RuleResult[] {
  using dom = Dom.read(request.xml);
  if (!dom) {
    const rule = { it: 'il messaggio è XML', en: 'the message is XML' };
    return [{ id: 'Q1', rule, passed: false, seen: request.xml.slice(0, 100) || '–' }];
  }
  const { keys } = serviceProvider;
  const signature =
    request.binding === 'post' ? envelopedFault(dom, keys) : queryFault(request.query ?? '', keys);
  return tryRules(REQUEST_RULES, { request, dom, serviceProvider, location, signature });
}

function absent(value: string | undefined, name: string): string | undefined {
  return unless(value === undefined, `${name} "${value}"`);
}

function violationsOf(xml: string): readonly string[] {
  try {
    using document = parseXml(Buffer.from(xml), { bytes: LIMIT });
    return document.violations('protocol');
  } catch (error) {
    if (error instanceof Refused) return [error.message];
    throw error;
  }
}
