import { levelOf, type Level } from '../../identity/level.ts';
import { personKeyOf } from '../../identity/person-key.ts';
import { parseInstant } from '../../saml/instant.ts';
import {
  ALGORITHM,
  METHOD_BEARER,
  NAMEID_ENTITY,
  NAMEID_TRANSIENT,
  NS,
  STATUS_SUCCESS,
} from '../../saml/names.ts';
import { isAllowedDigest, isAllowedSignature, isStrongKey } from '../../saml/signature.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { attributesOf } from './attributes.ts';
import { sha256 } from './pending.ts';
import type { Comparison } from './request.ts';
import { statusCode, type ResponseContext } from './response-context.ts';

/** One rule of the specification. */
export interface Check {
  /** Identifier in spid-response-validation, sections 2 to 5. */
  readonly id: string;
  readonly rule: string;
  /** @returns why the response is refused, for the log: no personal data, nothing of the message; undefined when it passes */
  readonly test: (context: ResponseContext) => string | undefined;
}

/** Shorthand: refuse with `reason` unless `holds`. */
const unless = (holds: boolean | undefined, reason: string): string | undefined =>
  holds ? undefined : reason;

const present = (value: string | undefined): value is string => value !== undefined && value.trim() !== '';

// Section 2. Transport and XML hygiene.
const TRANSPORT: readonly Check[] = [
  {
    id: 'T1',
    rule: 'The response comes by POST as application/x-www-form-urlencoded.',
    test: ({ arrival }) =>
      unless(
        arrival.method === 'POST' && /^application\/x-www-form-urlencoded(\s*;|$)/i.test(arrival.contentType),
        'not a form post',
      ),
  },
  {
    id: 'T2',
    rule: 'SAMLResponse is there once, is strict base64 and not too large.',
    test: ({ fields, bytes, transportFault }) =>
      unless(fields?.has('SAMLResponse') && bytes !== undefined, transportFault ?? 'no SAMLResponse'),
  },
  {
    id: 'T3',
    rule: 'RelayState is there. (Whether it is the right one: C2.)',
    test: ({ fields }) => unless(present(fields?.get('RelayState')), 'no RelayState'),
  },
  {
    id: 'T4',
    rule: 'Well-formed UTF-8 XML without DOCTYPE, processing instructions or comments, within limits.',
    test: ({ document, xmlFault }) => unless(document !== undefined, xmlFault ?? 'not read'),
  },
  {
    id: 'T5',
    rule: 'One samlp:Response with only the children SPID knows; no second Response or Assertion anywhere, nothing encrypted, no Advice.',
    test: ({ root }) => shapeFault(root),
  },
  {
    id: 'T7',
    rule: 'Every identifier is unique in the document.',
    test: ({ document }) => unless(document?.duplicateIds().length === 0, 'an identifier occurs twice'),
  },
];

const RESPONSE_CHILDREN = [
  [NS.saml, 'Issuer'],
  [NS.ds, 'Signature'],
  [NS.samlp, 'Status'],
  [NS.saml, 'Assertion'],
] as const;

function shapeFault(root: XmlElement | undefined): string | undefined {
  if (root?.namespace !== NS.samlp || root.name !== 'Response') return 'the root is not samlp:Response';
  const known = root.elements.every((child) =>
    RESPONSE_CHILDREN.some(([namespace, name]) => child.namespace === namespace && child.name === name),
  );
  if (!known) return 'an unknown child of Response';
  const assertions = root.descendants(NS.saml, 'Assertion');
  if (root.descendants(NS.samlp, 'Response').length > 0 || assertions.length > 1)
    return 'more than one Response or Assertion';
  if (assertions.some(({ parent }) => parent?.name !== 'Response'))
    return 'an Assertion that is not a child of Response';
  const forbidden = ['EncryptedAssertion', 'EncryptedID', 'EncryptedAttribute', 'Advice'];
  return unless(
    forbidden.every((name) => root.descendants(NS.saml, name).length === 0),
    'encrypted content or Advice',
  );
}

// Section 3. Correlation. The browser half of C2 is done by the same-site step that follows (docs/adr/0002).
const CORRELATION: readonly Check[] = [
  {
    id: 'C1',
    rule: 'InResponseTo is the ID of a request of ours.',
    test: ({ pending }) => unless(pending !== undefined, 'no such request'),
  },
  {
    id: 'C2',
    rule: 'That request is neither expired nor answered already, and RelayState is the one it left with.',
    test: ({ pending, fields, arrival }) => {
      if (!pending || sha256(fields?.get('RelayState') ?? '') !== pending.relayStateHash)
        return 'another RelayState';
      if (pending.consumedAt) return 'already answered';
      return unless(arrival.now < pending.expiresAt, 'expired');
    },
  },
  {
    id: 'C3',
    rule: 'It arrived at the assertion consumer service that the request named.',
    test: ({ pending, arrival }) =>
      unless(pending?.acsUrl === arrival.acsUrl, 'another assertion consumer service'),
  },
  {
    id: 'C4',
    rule: 'The identity provider is the one the request was sent to, and is trusted now.',
    test: ({ provider, pending }) =>
      unless(provider && provider.entityId === pending?.provider, 'the provider is not loaded'),
  },
];

// R1 and A1 come before the signatures: a signature refers to its element by ID, so without one none could be judged.
const IDENTIFIERS: readonly Check[] = [
  {
    id: 'R1',
    rule: 'The Response has an ID.',
    test: ({ root }) => unless(present(root?.attribute('ID')), 'no ID'),
  },
  {
    id: 'A1',
    rule: 'The Assertion has an ID. (Whether it was seen before is decided where it is remembered, in the same transaction.)',
    test: ({ arrivedAssertions }) =>
      unless(
        arrivedAssertions.every((a) => present(a.attribute('ID'))),
        'no ID',
      ),
  },
];

// Section 4. Signatures: form first, then cryptography.
const SIGNATURES: readonly Check[] = [
  {
    id: 'S1',
    rule: 'On success the Assertion carries its own signature.',
    test: ({ claimsSuccess, arrivedAssertions }) =>
      unless(
        !claimsSuccess || arrivedAssertions.every((a) => a.children(NS.ds, 'Signature').length > 0),
        'the Assertion is not signed',
      ),
  },
  {
    id: 'S3',
    rule: 'Signatures stand only on the Response and the Assertion, one on each, right after Issuer.',
    test: ({ signatures, root, arrivedAssertions }) =>
      unless(
        signatures.every(
          ({ element }) => element.parent === root || arrivedAssertions.some((a) => a === element.parent),
        ) && [root, ...arrivedAssertions].every((parent) => isWellPlaced(parent)),
        'a signature where none belongs',
      ),
  },
  {
    id: 'S4',
    rule: 'Each signature has one SignedInfo with one Reference, to the element it stands in.',
    test: ({ signatures }) =>
      unless(
        signatures.every(
          ({ element, references, signedInfos, signatureValues }) =>
            signedInfos === 1 &&
            signatureValues === 1 &&
            references.length === 1 &&
            present(element.parent?.attribute('ID')) &&
            references[0]?.uri === `#${element.parent?.attribute('ID')}`,
        ),
        'not one reference to the signed element',
      ),
  },
  {
    id: 'S5',
    rule: 'Transforms: enveloped-signature, then exclusive canonicalisation, nothing else.',
    test: ({ signatures }) =>
      unless(
        signatures.every(({ references }) =>
          references.every(
            ({ transforms }) => transforms.join(' ') === `${ALGORITHM.enveloped} ${ALGORITHM.excC14n}`,
          ),
        ),
        'a transform that is not allowed',
      ),
  },
  {
    id: 'S6',
    rule: 'Canonicalisation is exclusive, without comments.',
    test: ({ signatures }) =>
      unless(
        signatures.every(({ canonicalization }) => canonicalization === ALGORITHM.excC14n),
        'another canonicalisation',
      ),
  },
  {
    id: 'S7',
    rule: 'Signature and digest algorithms are on the list: RSA or ECDSA with SHA-256, 384 or 512; never SHA-1, never HMAC.',
    test: ({ signatures, provider }) =>
      unless(
        signatures.every(
          ({ signatureMethod, references }) =>
            isAllowedSignature(signatureMethod) &&
            provider?.signingKeys.some((key) => isAllowedSignature(signatureMethod, key)) &&
            references.every(
              ({ digestMethod, digestIsPlain }) => isAllowedDigest(digestMethod) && digestIsPlain,
            ),
        ),
        'an algorithm that is not allowed',
      ),
  },
  {
    id: 'S9',
    rule: "The provider's RSA keys have at least 2048 bits.",
    test: ({ provider, signatures }) =>
      unless(signatures.length === 0 || provider?.signingKeys.some(isStrongKey), 'only weak keys'),
  },
  {
    id: 'S10',
    rule: 'No ds:Object, no Manifest, nothing foreign inside a signature.',
    test: ({ signatures }) =>
      unless(
        signatures.every(({ hasObject, hasForeignContent }) => !hasObject && !hasForeignContent),
        'content that does not belong in a signature',
      ),
  },
  {
    id: 'S2',
    rule: 'A signature on the Response verifies.',
    test: ({ responseIsSigned, response }) =>
      unless(!responseIsSigned || response !== undefined, 'the Response signature does not verify'),
  },
  {
    id: 'S8',
    rule: "The Assertion's signature verifies with a key from the provider's metadata; KeyInfo is ignored.",
    test: ({ claimsSuccess, arrivedAssertions, verifiedBy }) =>
      unless(
        !claimsSuccess || arrivedAssertions.length === 0 || verifiedBy !== undefined,
        'the Assertion signature does not verify',
      ),
  },
  {
    id: 'S11',
    rule: 'What was signed, read again from its own bytes, is the Assertion that stands in the Response.',
    test: ({ claimsSuccess, assertion, arrivedAssertions }) =>
      unless(
        !claimsSuccess ||
          arrivedAssertions.length === 0 ||
          (assertion?.namespace === NS.saml &&
            assertion.name === 'Assertion' &&
            assertion.attribute('ID') === arrivedAssertions[0]?.attribute('ID')),
        'the signed bytes are something else',
      ),
  },
];

/** A signature comes second, after Issuer; first only where Issuer is missing, which R8 and A4 then say. */
function isWellPlaced(parent: XmlElement | undefined): boolean {
  const signatures = parent?.children(NS.ds, 'Signature') ?? [];
  if (signatures.length === 0) return true;
  const expected = parent?.elements[0]?.name === 'Issuer' ? 1 : 0;
  return signatures.length === 1 && parent?.elements[expected] === signatures[0];
}

// Section 5.1. The Response. R7 comes after Issuer: an error message is believed only from the provider asked.
const RESPONSE: readonly Check[] = [
  {
    id: 'R2',
    rule: 'Version is 2.0.',
    test: ({ response }) => unless(response?.attribute('Version') === '2.0', 'another Version'),
  },
  {
    id: 'R3',
    rule: 'IssueInstant is a date with zone, not before the request and not in the future.',
    test: (context) => issueInstantFault(context, context.response),
  },
  {
    id: 'R4',
    rule: 'InResponseTo is the ID of the request.',
    test: ({ response, pending }) =>
      unless(
        present(pending?.id) && response?.attribute('InResponseTo') === pending?.id,
        'another InResponseTo',
      ),
  },
  {
    id: 'R5',
    rule: 'Destination is exactly the URL of the assertion consumer service.',
    test: ({ response, pending }) =>
      unless(
        present(pending?.acsUrl) && response?.attribute('Destination') === pending?.acsUrl,
        'another Destination',
      ),
  },
  {
    id: 'R6',
    rule: 'There is a status code.',
    test: ({ response }) => unless(present(statusCode(response)?.attribute('Value')), 'no status code'),
  },
  {
    id: 'R8',
    rule: 'Issuer is the provider that was asked.',
    test: ({ response, pending }) => issuerFault(response, pending?.provider),
  },
  {
    id: 'R9',
    rule: 'Format of Issuer is absent or "entity".',
    test: ({ response }) => {
      const format = response?.child(NS.saml, 'Issuer')?.attribute('Format');
      return unless(format === undefined || format === NAMEID_ENTITY, 'another Format');
    },
  },
  {
    id: 'R7',
    rule: 'The status is Success; anything else ends the login with the page for its anomaly.',
    test: ({ response }) =>
      unless(statusCode(response)?.attribute('Value') === STATUS_SUCCESS, 'not Success'),
  },
  {
    id: 'R10',
    rule: 'There is exactly one Assertion.',
    test: ({ arrivedAssertions }) => unless(arrivedAssertions.length === 1, 'not exactly one Assertion'),
  },
];

// Section 5.2. The Assertion, from its signed bytes.
const ASSERTION: readonly Check[] = [
  {
    id: 'A2',
    rule: 'Version is 2.0.',
    test: ({ assertion }) => unless(assertion?.attribute('Version') === '2.0', 'another Version'),
  },
  { id: 'A3', rule: 'IssueInstant as R3.', test: (context) => issueInstantFault(context, context.assertion) },
  {
    id: 'A4',
    rule: 'Issuer is the provider that was asked.',
    test: ({ assertion, pending }) => issuerFault(assertion, pending?.provider),
  },
  {
    id: 'A5',
    rule: 'Format of Issuer is "entity".',
    test: ({ assertion }) =>
      unless(
        assertion?.child(NS.saml, 'Issuer')?.attribute('Format') === NAMEID_ENTITY,
        'no Format, or another',
      ),
  },
  {
    id: 'A6',
    rule: 'Subject is there and not empty.',
    test: ({ assertion }) => unless((subject(assertion)?.elements.length ?? 0) > 0, 'no Subject'),
  },
  {
    id: 'A7',
    rule: 'NameID is there and not empty.',
    test: ({ assertion }) => unless(present(nameId(assertion)?.text), 'no NameID'),
  },
  {
    id: 'A8',
    rule: 'Format of NameID is "transient".',
    test: ({ assertion }) =>
      unless(nameId(assertion)?.attribute('Format') === NAMEID_TRANSIENT, 'no Format, or another'),
  },
  {
    id: 'A9',
    rule: 'NameID has a NameQualifier.',
    test: ({ assertion }) =>
      unless(present(nameId(assertion)?.attribute('NameQualifier')), 'no NameQualifier'),
  },
  {
    id: 'A10',
    rule: 'A SubjectConfirmation has the method "bearer".',
    test: ({ assertion }) => unless(bearers(assertion).length > 0, 'no bearer confirmation'),
  },
  {
    id: 'A11',
    rule: 'Its Recipient is the assertion consumer service.',
    test: (context) =>
      unless(
        confirmations(context).some(({ recipient }) => recipient),
        'another Recipient',
      ),
  },
  {
    id: 'A12',
    rule: 'Its InResponseTo is the ID of the request.',
    test: (context) =>
      unless(
        confirmations(context).some((c) => c.recipient && c.request),
        'another InResponseTo',
      ),
  },
  {
    id: 'A13',
    rule: 'Its NotOnOrAfter is a date that has not passed.',
    test: (context) =>
      unless(
        confirmations(context).some((c) => c.recipient && c.request && c.inTime),
        'not in time',
      ),
  },
  {
    id: 'A14',
    rule: 'Conditions hold now: NotBefore reached, NotOnOrAfter not passed.',
    test: conditionsFault,
  },
  { id: 'A15', rule: 'Every AudienceRestriction names our entityID.', test: audienceFault },
  {
    id: 'A16',
    rule: 'AuthnStatement says when, not in the future; its session has not ended.',
    test: authnStatementFault,
  },
  {
    id: 'A17',
    rule: 'AuthnContextClassRef is one of the three SPID levels.',
    test: ({ assertion }) => unless(levelGiven(assertion) !== undefined, 'not a SPID level'),
  },
  {
    id: 'A18',
    rule: 'The level satisfies what was asked (table of 5.3) and what the service needs.',
    test: ({ assertion, pending }) => {
      const given = levelGiven(assertion);
      return unless(
        given && pending && levelAccepted(pending.comparison, pending.level, given),
        'the level is too low',
      );
    },
  },
  {
    id: 'A20',
    rule: 'An AttributeStatement has attributes, each with a name and a value.',
    test: ({ assertion }) => {
      const statements = assertion?.children(NS.saml, 'AttributeStatement') ?? [];
      return unless(
        statements.every((statement) => isFilled(statement)),
        'an empty statement, name or value',
      );
    },
  },
  {
    id: 'A22',
    rule: 'NameFormat of an attribute is absent, basic, uri or unspecified.',
    test: ({ assertion }) =>
      unless(
        assertion
          ?.descendants(NS.saml, 'Attribute')
          .every((attribute) =>
            ATTRNAME_FORMAT.test(
              attribute.attribute('NameFormat') ?? 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
            ),
          ),
        'another NameFormat',
      ),
  },
  {
    id: 'A21',
    rule: 'No attribute twice; those the subject is built on and those the service cannot do without are there.',
    test: ({ assertion, pending }) => {
      const names =
        assertion?.descendants(NS.saml, 'Attribute').map((attribute) => attribute.attribute('Name')) ?? [];
      if (new Set(names).size !== names.length) return 'an attribute occurs twice';
      if (!names.includes('fiscalNumber') && !names.includes('spidCode'))
        return 'nothing to know the person by';
      return unless(
        pending?.requiredAttributes.every((name) => names.includes(name)),
        'an indispensable attribute is missing',
      );
    },
  },
  {
    id: 'A23',
    rule: 'The attribute the subject is built on is well formed; others that are not are dropped.',
    test: ({ assertion, pending }) => {
      if (!assertion || !pending) return 'nothing to read the key attribute from';
      const attributes = attributesOf(assertion, pending.attributeSet.attributes);
      // A fiscal number that cannot be used must not make the person somebody else, known by her spidCode.
      const unusable = hasAttribute(assertion, 'fiscalNumber') && attributes.fiscalNumber === undefined;
      return unless(
        !unusable && personKeyOf(attributes, pending.provider) !== undefined,
        'the key attribute is malformed',
      );
    },
  },
];

// T6 comes last, so that a refusal names the precise rule instead of the schema.
const SCHEMA: readonly Check[] = [
  {
    id: 'T6',
    rule: 'The document is valid against the SAML protocol schema.',
    test: ({ document }) =>
      unless(document?.violations('protocol').length === 0, 'not valid against the schema'),
  },
];

/**
 * Every check of a response, in the order in which they run; the first that fails refuses. A19 (SessionIndex) has no
 * row: the specification forbids refusing on it.
 */
export const CHECKS: readonly Check[] = [
  ...TRANSPORT,
  ...CORRELATION,
  ...IDENTIFIERS,
  ...SIGNATURES,
  ...RESPONSE,
  ...ASSERTION,
  ...SCHEMA,
];

/**
 * Whether a level satisfies what was asked. A provider may always go higher (spid-response-validation, 5.3).
 */
export function levelAccepted(comparison: Comparison, requested: Level, given: Level): boolean {
  switch (comparison) {
    case 'exact':
    case 'minimum':
      return given >= requested;
    case 'better':
      return given > requested;
    case 'maximum':
      return true;
  }
}

function hasAttribute(assertion: XmlElement, name: string): boolean {
  return assertion
    .descendants(NS.saml, 'Attribute')
    .some((attribute) => attribute.attribute('Name') === name);
}

const ATTRNAME_FORMAT = /^urn:oasis:names:tc:SAML:2\.0:attrname-format:(basic|uri|unspecified)$/;

function issueInstantFault(
  { arrival, pending }: ResponseContext,
  element: XmlElement | undefined,
): string | undefined {
  const instant = parseInstant(element?.attribute('IssueInstant') ?? '');
  if (!instant || !pending) return 'no IssueInstant, or not a date';
  const skew = arrival.skewSeconds * 1000;
  if (instant.getTime() < pending.issueInstant.getTime() - skew) return 'issued before the request';
  return unless(instant.getTime() <= arrival.now.getTime() + skew, 'issued in the future');
}

function issuerFault(element: XmlElement | undefined, provider: string | undefined): string | undefined {
  const issuers = element?.children(NS.saml, 'Issuer') ?? [];
  return unless(
    issuers.length === 1 && present(provider) && issuers[0]?.text === provider,
    'another Issuer, or none',
  );
}

function subject(assertion: XmlElement | undefined): XmlElement | undefined {
  return assertion?.child(NS.saml, 'Subject');
}

export function nameId(assertion: XmlElement | undefined): XmlElement | undefined {
  return subject(assertion)?.child(NS.saml, 'NameID');
}

function bearers(assertion: XmlElement | undefined): readonly XmlElement[] {
  return (
    subject(assertion)
      ?.children(NS.saml, 'SubjectConfirmation')
      .filter((confirmation) => confirmation.attribute('Method') === METHOD_BEARER) ?? []
  );
}

function confirmations({ assertion, pending, arrival }: ResponseContext) {
  return bearers(assertion).map((bearer) => {
    const data = bearer.child(NS.saml, 'SubjectConfirmationData');
    return {
      recipient: present(pending?.acsUrl) && data?.attribute('Recipient') === pending?.acsUrl,
      request: present(pending?.id) && data?.attribute('InResponseTo') === pending?.id,
      inTime: isAhead(data?.attribute('NotOnOrAfter'), arrival),
    };
  });
}

function conditionsFault({ assertion, arrival }: ResponseContext): string | undefined {
  const conditions = assertion?.children(NS.saml, 'Conditions') ?? [];
  const notBefore = parseInstant(conditions[0]?.attribute('NotBefore') ?? '');
  if (conditions.length !== 1 || !notBefore) return 'no Conditions, or no NotBefore';
  if (notBefore.getTime() > arrival.now.getTime() + arrival.skewSeconds * 1000) return 'not valid yet';
  return unless(isAhead(conditions[0]?.attribute('NotOnOrAfter'), arrival), 'not valid any more');
}

function audienceFault({ assertion, pending }: ResponseContext): string | undefined {
  const restrictions =
    assertion?.child(NS.saml, 'Conditions')?.children(NS.saml, 'AudienceRestriction') ?? [];
  const named = restrictions.every((restriction) =>
    restriction.children(NS.saml, 'Audience').some(({ text }) => present(text) && text === pending?.issuer),
  );
  return unless(restrictions.length > 0 && named, 'another audience');
}

function authnStatementFault({ assertion, arrival }: ResponseContext): string | undefined {
  const statements = assertion?.children(NS.saml, 'AuthnStatement') ?? [];
  const instant = parseInstant(statements[0]?.attribute('AuthnInstant') ?? '');
  if (statements.length !== 1 || !instant) return 'no AuthnStatement, or no AuthnInstant';
  if (instant.getTime() > arrival.now.getTime() + arrival.skewSeconds * 1000)
    return 'authenticated in the future';
  const end = statements[0]?.attribute('SessionNotOnOrAfter');
  return unless(end === undefined || isAhead(end, arrival), 'the session has ended');
}

/** The level an assertion states, if it states exactly one. */
export function levelGiven(assertion: XmlElement | undefined): Level | undefined {
  const classes =
    assertion
      ?.child(NS.saml, 'AuthnStatement')
      ?.child(NS.saml, 'AuthnContext')
      ?.children(NS.saml, 'AuthnContextClassRef') ?? [];
  return classes.length === 1 ? levelOf(classes[0]?.text ?? '') : undefined;
}

/** Whether a date is given, well formed and not passed, clocks differing by no more than the skew. */
function isAhead(value: string | undefined, { now, skewSeconds }: ResponseContext['arrival']): boolean {
  const instant = parseInstant(value ?? '');
  return instant !== undefined && instant.getTime() > now.getTime() - skewSeconds * 1000;
}

function isFilled(statement: XmlElement): boolean {
  const attributes = statement.children(NS.saml, 'Attribute');
  return (
    attributes.length > 0 &&
    attributes.every((attribute) => {
      const values = attribute.children(NS.saml, 'AttributeValue');
      return (
        present(attribute.attribute('Name')) && values.length > 0 && values.every(({ text }) => present(text))
      );
    })
  );
}
