import { personKeyOf } from '../../../identity/person-key.ts';
import { parseInstant } from '../../../saml/instant.ts';
import { METHOD_BEARER, NAMEID_ENTITY, NAMEID_TRANSIENT, NS } from '../../../saml/names.ts';
import type { XmlElement } from '../../../saml/xml.ts';
import { attributesIn } from '../attributes.ts';
import type { ResponseContext } from '../response-context.ts';
import { issueInstantFault, issuerFault, present, unless, type Check } from './check.ts';
import { levelFault, levelGiven } from './level.ts';

/** Section 5.2. The Assertion, from its signed bytes. */
export const ASSERTION: readonly Check[] = [
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
    test: ({ assertion }) => {
      const format = assertion?.child(NS.saml, 'Issuer')?.attribute('Format');
      return unless(format === NAMEID_ENTITY, format === undefined ? 'no Format' : 'another Format');
    },
    lenient: { leniency: 'issuer-format', reason: 'no Format' },
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
    rule: 'Its NotOnOrAfter is a date that has not passed, its NotBefore, if it has one, a date that is reached.',
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
    test: ({ assertion, pending }) => levelFault(levelGiven(assertion), pending),
  },
  {
    id: 'A20',
    rule: 'An AttributeStatement has attributes, each with a name and a value.',
    test: ({ assertion }) => {
      const statements = assertion?.children(NS.saml, 'AttributeStatement') ?? [];
      if (!statements.every(hasNamedAttributes)) return 'an empty statement or name';
      return unless(assertion && attributesIn(assertion).every(isFilled), 'an empty value');
    },
    lenient: { leniency: 'empty-values', reason: 'an empty value' },
  },
  {
    id: 'A22',
    rule: 'NameFormat of an attribute is absent, basic, uri or unspecified.',
    test: ({ assertion }) =>
      unless(
        assertion &&
          attributesIn(assertion).every((attribute) =>
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
    test: ({ assertion, pending, attributes }) => {
      const names = assertion ? attributesIn(assertion).map((attribute) => attribute.attribute('Name')) : [];
      if (new Set(names).size !== names.length) return 'an attribute occurs twice';
      if (!names.includes('fiscalNumber') && !names.includes('spidCode'))
        return 'nothing to know the person by';
      if (!assertion || !pending) return 'nothing to read attributes from';
      // Only what can be used counts: of two values in one attribute neither does.
      return unless(
        pending.requiredAttributes.every((name) => attributes[name] !== undefined),
        'an indispensable attribute is missing',
      );
    },
  },
  {
    id: 'A23',
    rule: 'The attribute the subject is built on is well formed; others that are not are dropped.',
    test: ({ assertion, pending, attributes }) => {
      if (!assertion || !pending) return 'nothing to read the key attribute from';
      // A fiscal number that cannot be used must not make the person somebody else, known by her spidCode.
      const unusable = hasAttribute(assertion, 'fiscalNumber') && attributes.fiscalNumber === undefined;
      return unless(
        !unusable && personKeyOf(attributes, pending.provider) !== undefined,
        'the key attribute is malformed',
      );
    },
  },
];

const ATTRNAME_FORMAT = /^urn:oasis:names:tc:SAML:2\.0:attrname-format:(basic|uri|unspecified)$/;

function hasAttribute(assertion: XmlElement, name: string): boolean {
  return attributesIn(assertion).some((attribute) => attribute.attribute('Name') === name);
}

function subject(assertion: XmlElement | undefined): XmlElement | undefined {
  return assertion?.child(NS.saml, 'Subject');
}

/** The NameID of the Subject. */
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
      inTime:
        isAhead(data?.attribute('NotOnOrAfter'), arrival) && hasBegun(data?.attribute('NotBefore'), arrival),
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

/** Whether a date is given, well formed and not passed, clocks differing by no more than the skew. */
function isAhead(value: string | undefined, { now, skewSeconds }: ResponseContext['arrival']): boolean {
  const instant = parseInstant(value ?? '');
  return instant !== undefined && instant.getTime() > now.getTime() - skewSeconds * 1000;
}

function hasNamedAttributes(statement: XmlElement): boolean {
  const attributes = statement.children(NS.saml, 'Attribute');
  return attributes.length > 0 && attributes.every((attribute) => present(attribute.attribute('Name')));
}

/** Whether a date that need not be given is absent, or well formed and reached. */
function hasBegun(value: string | undefined, { now, skewSeconds }: ResponseContext['arrival']): boolean {
  if (value === undefined) return true;
  const instant = parseInstant(value);
  return instant !== undefined && instant.getTime() <= now.getTime() + skewSeconds * 1000;
}

function isFilled(attribute: XmlElement): boolean {
  const values = attribute.children(NS.saml, 'AttributeValue');
  return values.length > 0 && values.every(({ text }) => present(text));
}
