import { describe, expect, it } from 'vitest';
import { CASES } from '../../src/selfcheck/cases.ts';
import { kit, providerKey, responseXml, signed } from '../support/spid-response.ts';
import { URI } from '../support/saml-signer.ts';
import { xmlCryptoVerifies } from '../support/xml-crypto.ts';
import { verifiedSignatures } from './verified.ts';

/** How many signatures of a message both accept, each having digested the same bytes. */
function agreed(xml: string): number {
  const keys = [providerKey.publicKey];
  const accepted = verifiedSignatures(Buffer.from(xml), keys);
  for (const { signature, signed } of accepted)
    expect(xmlCryptoVerifies(xml, signature, providerKey.publicKey)).toBe(signed);
  return accepted.length;
}

describe('every signature that verifies for us verifies for xml-crypto, over the same bytes', () => {
  it.each(CASES)('case $nr ($mutation.en)', ({ answer }) => {
    agreed(answer(kit(2)));
  });

  it.each([
    ['rsa-sha384', { signatureMethod: URI.rsaSha384, digestMethod: URI.sha384 }],
    ['rsa-sha512', { signatureMethod: URI.rsaSha512, digestMethod: URI.sha512 }],
    ['a list of prefixes', { inclusivePrefixes: ['xs', 'samlp'] }],
  ])('a correct response with %s', (_, signing) => {
    expect(agreed(signed(responseXml(), signing))).toBe(2);
  });

  it.each([
    ['letters beyond ASCII', 'Nicolò Dalì 𝔖'],
    ['escaped characters', '&lt;b&gt; &amp; &quot;&#13;&#9;&#xA;'],
    ['CDATA', '<![CDATA[a < b & c]]>'],
    ['ten thousand letters beyond ASCII', 'è€𝔖'.repeat(10_000)],
  ])('a correct response with %s in a value', (_, value) => {
    expect(agreed(signed(responseXml().replace('>Mario<', () => `>${value}<`)))).toBe(2);
  });
});
