import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../src/saml/xml.ts';
import { responseXml, signed } from '../../support/spid-response.ts';
import { holdAgainst, mutatedResponses } from './oracle.ts';

describe('mutated responses', () => {
  it('never verify for us where xml-crypto refuses, never make another citizen, never take a second', async () => {
    const outcomes = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(mutatedResponses, async (xml) => {
        outcomes[await holdAgainst(xml)]++;
      }),
      { numRuns: 300 },
    );
    // Neither answer is given to everything.
    expect(outcomes.accepted).toBeGreaterThan(5);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it('leave no memory behind in the parser', () => {
    const bytes = Buffer.from(signed(responseXml()));
    const read = () => {
      using document = parseXml(bytes, { bytes: 1e6 });
      const signature = document.root.elements[1];
      return signature && document.canonical(document.root, { omit: signature });
    };
    for (let time = 0; time < 200; time++) read();
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    for (let time = 0; time < 3000; time++) read();
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    expect(after - before).toBeLessThan(50e6);
  });
});
