import { ALGORITHM, NS } from '../../../saml/names.ts';
import { isAllowedDigest, isAllowedSignature, isStrongKey } from '../../../saml/signature.ts';
import type { XmlElement } from '../../../saml/xml.ts';
import { present, unless, type Check } from './check.ts';

/** R1 and A1 come before the signatures: a signature refers to its element by ID, so without one none could be judged. */
export const IDENTIFIERS: readonly Check[] = [
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

/** Section 4. Signatures: form first, then cryptography. */
export const SIGNATURES: readonly Check[] = [
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
