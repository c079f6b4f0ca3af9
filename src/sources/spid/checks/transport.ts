import { timingSafeEqual } from 'node:crypto';
import { NS } from '../../../saml/names.ts';
import type { XmlElement } from '../../../saml/xml.ts';
import { sha256, type PendingRequest } from '../pending.ts';
import { present, unless, type Check } from './check.ts';

/** Section 2. Transport and XML hygiene. */
export const TRANSPORT: readonly Check[] = [
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
  if (assertions.some(({ parent }) => parent !== root)) return 'an Assertion that is not a child of Response';
  const forbidden = ['EncryptedAssertion', 'EncryptedID', 'EncryptedAttribute', 'Advice'];
  return unless(
    forbidden.every((name) => root.descendants(NS.saml, name).length === 0),
    'encrypted content or Advice',
  );
}

/** Section 3. Correlation. The browser half of C2 is done by the same-site step that follows (docs/adr/0002). */
export const CORRELATION: readonly Check[] = [
  {
    id: 'C1',
    rule: 'InResponseTo is the ID of a request of ours.',
    test: ({ pending }) => unless(pending !== undefined, 'no such request'),
  },
  {
    id: 'C2',
    rule: 'That request is neither expired nor answered already, and RelayState is the one it left with.',
    test: ({ pending, fields, arrival }) => {
      if (!pending || !leftWith(pending, fields?.get('RelayState') ?? '')) return 'another RelayState';
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

/** Whether a RelayState is the one a request left with; only its hash is kept. In constant time. */
function leftWith(pending: PendingRequest, relayState: string): boolean {
  const given = Buffer.from(sha256(relayState));
  const expected = Buffer.from(pending.relayStateHash);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** T6 comes last, so that a refusal names the precise rule instead of the schema. */
export const SCHEMA: readonly Check[] = [
  {
    id: 'T6',
    rule: 'The document is valid against the SAML protocol schema.',
    test: ({ document }) =>
      unless(document?.violations('protocol').length === 0, 'not valid against the schema'),
    lenient: { leniency: 'schema', reason: 'not valid against the schema' },
  },
];
