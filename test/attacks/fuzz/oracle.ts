import fc from 'fast-check';
import { judge } from '../../../src/sources/spid/response.ts';
import { arrival, FISCAL_NUMBER, providerKey, responseXml, signed } from '../../support/spid-response.ts';
import { xmlCryptoVerifies } from '../../support/xml-crypto.ts';
import { verifiedSignatures, type VerifiedSignature } from '../verified.ts';
import { mutated } from './mutations.ts';

/** Longest that any message may take, in milliseconds. */
const LONGEST_MS = 1000;

/** A correct response, signed in one of the ways that are allowed, mutated. */
export const mutatedResponses: fc.Arbitrary<string> = mutated(
  fc.constantFrom(
    signed(responseXml()),
    signed(responseXml(), { response: false, assertion: {} }),
    signed(responseXml(), { inclusivePrefixes: ['xs', 'samlp'] }),
  ),
);

/**
 * Holds a mutated response against what must be true of every message.
 * @param askFurther another implementation: whether it verifies that signature of that document
 * @throws Error when the gateway is more lenient than it may be, or slow
 */
export async function holdAgainst(
  xml: string,
  askFurther: (xml: string, signature: VerifiedSignature) => boolean = () => true,
): Promise<'accepted' | 'refused'> {
  const started = performance.now();
  const verdict = await judge(arrival(xml));
  const took = performance.now() - started;
  if (took > LONGEST_MS) throw new Error(`took ${Math.round(took)} ms`);
  if (verdict.outcome === 'accepted') {
    const { name, fiscalNumber } = verdict.identity.attributes;
    // Only what the provider signed: mutations do not sign.
    if (name !== 'Mario' || fiscalNumber !== FISCAL_NUMBER) throw new Error('another identity was accepted');
  }
  for (const verified of verifiedSignatures(Buffer.from(xml), [providerKey.publicKey])) {
    if (xmlCryptoVerifies(xml, verified.signature, providerKey.publicKey) !== verified.signed)
      throw new Error(`xml-crypto does not verify the signature of ${verified.name} ${verified.id}`);
    if (!askFurther(xml, verified))
      throw new Error(`the other implementation does not verify the signature of ${verified.name}`);
  }
  return verdict.outcome === 'accepted' ? 'accepted' : 'refused';
}
