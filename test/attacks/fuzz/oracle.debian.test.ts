import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { kit, providerKey } from '../../support/spid-response.ts';
import { attacks } from '../corpus/index.ts';
import { verifiedSignatures } from '../verified.ts';
import { holdAgainst, mutatedResponses } from './oracle.ts';
import { openXmlsec } from './xmlsec.ts';

const xmlsec = openXmlsec();
afterAll(() => xmlsec.stop());

describe('every signature that verifies for us verifies for xmlsec1', () => {
  it('in mutated responses', async () => {
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(mutatedResponses, async (xml) => {
        await holdAgainst(xml, (text, signature) => {
          asked++;
          return xmlsec.verifies(text, signature);
        });
      }),
      { numRuns: 150 },
    );
    expect(asked).toBeGreaterThan(10);
  });

  it('in the attack corpus', () => {
    for (const { nr, answer } of attacks(9)) {
      const xml = answer(kit(2));
      for (const signature of verifiedSignatures(Buffer.from(xml), [providerKey.publicKey]))
        expect([nr, xmlsec.verifies(xml, signature)]).toEqual([nr, true]);
    }
  });
});
