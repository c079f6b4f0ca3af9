import type { IdentityKind } from '../identity/identity.ts';
import { levelOf, type Level } from '../identity/level.ts';
import { parseInstant } from '../saml/instant.ts';
import { BINDING, NAMEID_ENTITY, NAMEID_TRANSIENT, NS } from '../saml/names.ts';
import type { XmlElement } from '../saml/xml.ts';
import { SPID_NS } from '../sources/spid/names.ts';
import type { ServiceProvider } from './service-provider.ts';
import { BadMessage, openSigned, type Arrival, type SignedMessage } from './signed-message.ts';

/** How far the clocks of provider and service may differ, in milliseconds (spid-authn-request, 1). */
const SKEW_MS = 2 * 60 * 1000;

/** Longest RelayState in bytes (spid-authn-request, 7). */
const RELAY_STATE_LIMIT = 80;

/** Where an answer goes. */
export interface Reply {
  /** ID of the request; undefined when it had none that could be named. */
  readonly id: string | undefined;
  readonly acsUrl: string;
  readonly relayState: string;
}

/** An authentication request that a strict provider accepts. */
export interface AcceptedRequest extends Reply {
  readonly id: string;
  /** EntityID of the service provider. */
  readonly audience: string;
  readonly organization: string;
  readonly level: Level;
  /** Whether a session of the provider's may not be used. */
  readonly forceAuthn: boolean;
  /** The set that was asked for: no more is released. */
  readonly attributes: readonly string[];
  /** Kinds of identity the service accepts (spid-authn-request, 2.5). */
  readonly kinds: readonly IdentityKind[];
}

/** A request the provider turns down: AgID's anomaly number, returned to the service where it can be. */
export class Anomaly extends Error {
  readonly nr: number;
  /** Undefined for what stays on the provider's own page, with status 403 (spid-authn-request, 9). */
  readonly reply: Reply | undefined;

  constructor(nr: number, message: string, reply?: Reply) {
    super(message);
    this.nr = nr;
    this.reply = reply;
  }
}

/** Anomalies of which the service is not told: who asks is not certain, or cannot be answered. */
const PAGE_ONLY: readonly number[] = [4, 5, 6, 7, 10];

interface Context {
  readonly message: SignedMessage;
  readonly root: XmlElement;
  readonly provider: ServiceProvider;
  readonly destination: string;
  readonly now: Date;
}

interface Rule {
  readonly nr: number;
  readonly what: string;
  readonly holds: (context: Context) => boolean;
}

/** What a request has to be, in the order in which it is looked at (spid-authn-request, 1, 2 and 9). */
const RULES: readonly Rule[] = [
  { nr: 8, what: 'the message is no AuthnRequest', holds: ({ root }) => isNamed(root, 'AuthnRequest') },
  { nr: 10, what: 'Issuer', holds: hasIssuer },
  { nr: 4, what: 'RelayState', holds: ({ message }) => isRelayState(message.relayState) },
  { nr: 11, what: 'ID', holds: ({ root }) => requestId(root) !== undefined },
  { nr: 9, what: 'Version', holds: ({ root }) => root.attribute('Version') === '2.0' },
  { nr: 13, what: 'IssueInstant', holds: ({ root, now }) => isNow(root.attribute('IssueInstant'), now) },
  {
    nr: 14,
    what: 'Destination',
    holds: ({ root, destination }) => root.attribute('Destination') === destination,
  },
  { nr: 15, what: 'IsPassive', holds: ({ root }) => root.attribute('IsPassive') === undefined },
  {
    nr: 16,
    what: 'the assertion consumer service',
    holds: ({ root, provider }) => consumerOf(root, provider) !== undefined,
  },
  { nr: 17, what: 'NameIDPolicy', holds: ({ root }) => hasTransientPolicy(root) },
  {
    nr: 18,
    what: 'AttributeConsumingServiceIndex',
    holds: ({ root, provider }) => attributeSetOf(root, provider) !== undefined,
  },
  { nr: 12, what: 'RequestedAuthnContext', holds: ({ root }) => levelAsked(root) !== undefined },
  // AgID gives this one no number of its own: the request is not as the rules want it.
  { nr: 8, what: 'ForceAuthn', holds: ({ root }) => levelAsked(root) === 1 || forcesAuthn(root) },
  { nr: 8, what: 'Purpose', holds: ({ root }) => kindsOf(root) !== undefined },
  { nr: 8, what: 'an attribute that may not be sent', holds: ({ root }) => !hasSuperfluous(root) },
  // By Redirect the signature is in the query; one inside the document would be verified by nobody.
  {
    nr: 8,
    what: 'a signature inside',
    holds: ({ root }) => root.descendants(NS.ds, 'Signature').length === 0,
  },
  { nr: 8, what: 'the schema', holds: ({ message }) => message.violations.length === 0 },
];

/**
 * Judges a request as strictly as the real providers do.
 * @param destination the provider's own address for this message
 * @throws Anomaly
 */
export function acceptRequest(
  arrival: Arrival,
  destination: string,
  provider: ServiceProvider,
  now: Date,
): AcceptedRequest {
  try {
    return openSigned(arrival, provider.keys, (message) =>
      judged({ message, root: message.root, provider, destination, now }),
    );
  } catch (error) {
    throw error instanceof BadMessage ? unreadAnomaly(error, arrival) : error;
  }
}

/** What is wrong before the content is looked at. */
export function unreadAnomaly({ fault, message }: BadMessage, { binding }: Arrival): Anomaly {
  const numbers = { unreadable: 4, 'wrong-method': 6, signature: binding === 'redirect' ? 5 : 7 } as const;
  return new Anomaly(numbers[fault], message);
}

function judged(context: Context): AcceptedRequest {
  const { root, provider, message } = context;
  const reply: Reply = {
    id: requestId(root),
    acsUrl: consumerOf(root, provider) ?? defaultConsumer(provider),
    relayState: message.relayState ?? '',
  };
  const broken = RULES.find(({ holds }) => !holds(context));
  const [id, level] = [reply.id, levelAsked(root)];
  const [attributes, kinds] = [attributeSetOf(root, provider), kindsOf(root)];
  if (broken || !id || !level || !attributes || !kinds) {
    const { nr, what } = broken ?? { nr: 8, what: 'the request' };
    throw new Anomaly(nr, what, PAGE_ONLY.includes(nr) ? undefined : reply);
  }
  return {
    ...reply,
    id,
    level,
    attributes,
    kinds,
    audience: provider.entityId,
    organization: provider.organization,
    forceAuthn: forcesAuthn(root),
  };
}

function isNamed(root: XmlElement, name: string): boolean {
  return root.namespace === NS.samlp && root.name === name;
}

function hasIssuer({ root, provider }: Context): boolean {
  const [issuer, ...more] = root.children(NS.saml, 'Issuer');
  return (
    more.length === 0 &&
    issuer?.text === provider.entityId &&
    issuer.attribute('Format') === NAMEID_ENTITY &&
    issuer.attribute('NameQualifier') === provider.entityId
  );
}

/** Opaque, short, and no address (spid-authn-request, 7). */
function isRelayState(value: string | undefined): boolean {
  return !!value && Buffer.byteLength(value) <= RELAY_STATE_LIMIT && !value.includes('http');
}

/** An XML name that does not begin with a digit, and long enough not to be guessed. */
function requestId(root: XmlElement): string | undefined {
  const id = root.attribute('ID');
  return id && /^[A-Za-z_][\w.-]{15,}$/.test(id) ? id : undefined;
}

function isNow(text: string | undefined, now: Date): boolean {
  const instant = text?.endsWith('Z') ? parseInstant(text) : undefined;
  return instant !== undefined && Math.abs(instant.getTime() - now.getTime()) <= SKEW_MS;
}

/** By index, or by address together with its binding; never both (spid-authn-request, 1). */
function consumerOf(root: XmlElement, { consumers }: ServiceProvider): string | undefined {
  const index = root.attribute('AssertionConsumerServiceIndex');
  const [url, binding] = [root.attribute('AssertionConsumerServiceURL'), root.attribute('ProtocolBinding')];
  if (index !== undefined) {
    const named = url !== undefined || binding !== undefined;
    return named ? undefined : consumers.find((consumer) => consumer.index === index)?.location;
  }
  return binding === BINDING.post ? consumers.find(({ location }) => location === url)?.location : undefined;
}

function defaultConsumer({ consumers }: ServiceProvider): string {
  return (consumers.find(({ isDefault }) => isDefault) ?? consumers[0])?.location ?? '';
}

function attributeSetOf(root: XmlElement, { attributeSets }: ServiceProvider): readonly string[] | undefined {
  return attributeSets.get(root.attribute('AttributeConsumingServiceIndex') ?? '');
}

function hasTransientPolicy(root: XmlElement): boolean {
  const [policy, ...more] = root.children(NS.samlp, 'NameIDPolicy');
  return (
    more.length === 0 &&
    policy?.attribute('Format') === NAMEID_TRANSIENT &&
    policy.attribute('AllowCreate') === undefined
  );
}

/** The lowest level that satisfies the request; undefined when none does, or none is named (spid-authn-request, 2.3). */
function levelAsked(root: XmlElement): Level | undefined {
  const [context, ...others] = root.children(NS.samlp, 'RequestedAuthnContext');
  const [classRef, ...more] = context?.children(NS.saml, 'AuthnContextClassRef') ?? [];
  if (others.length > 0 || more.length > 0) return undefined;
  const level = levelOf(classRef?.text ?? '');
  const comparison = context?.attribute('Comparison') ?? '';
  if (!level || !['exact', 'minimum', 'better', 'maximum'].includes(comparison)) return undefined;
  if (comparison !== 'better') return level;
  return level === 3 ? undefined : level === 2 ? 3 : 2;
}

function forcesAuthn(root: XmlElement): boolean {
  return ['true', '1'].includes(root.attribute('ForceAuthn') ?? '');
}

/** Kinds of identity by spid:Purpose (AgID notice 18). */
const PURPOSES: ReadonlyMap<string, readonly IdentityKind[]> = new Map([
  ['P', ['professional', 'professional-for-legal-person']],
  ['LP', ['legal-person', 'professional-for-legal-person']],
  ['PG', ['professional-for-legal-person']],
  ['PF', ['professional']],
  ['PX', ['legal-person', 'professional', 'professional-for-legal-person']],
]);

/** Without a Purpose a citizen may come as herself or as a professional. */
function kindsOf(root: XmlElement): readonly IdentityKind[] | undefined {
  const extensions = root.child(NS.samlp, 'Extensions');
  if (!extensions) return ['citizen', 'professional'];
  const [purpose, ...more] = extensions.elements;
  if (!purpose || more.length > 0 || purpose.namespace !== SPID_NS || purpose.name !== 'Purpose') {
    return undefined;
  }
  return PURPOSES.get(purpose.text);
}

function hasSuperfluous(root: XmlElement): boolean {
  return ['ProviderName', 'Consent'].some((name) => root.attribute(name) !== undefined);
}
