import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/sources/spid/response.ts';
import { arrival, FISCAL_NUMBER, responseXml, signed } from '../../support/spid-response.ts';

describe('SPID response, mutated at random', () => {
  const genuine = signed(responseXml());

  it('never yields another identity and never throws, whatever character changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(genuine.length - 1),
        fc.string({ minLength: 0, maxLength: 3 }),
        async (at, text) => {
          const verdict = await judge(arrival(genuine.slice(0, at) + text + genuine.slice(at + 1)));
          if (verdict.outcome !== 'accepted') return;
          expect(verdict.identity).toMatchObject({
            level: 2,
            attributes: { name: 'Mario', fiscalNumber: FISCAL_NUMBER },
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never accepts bytes that are no response', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect((await judge(arrival(Buffer.from(bytes)))).outcome).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });
});
