import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openFuzzed, type Fuzzed } from './gateway.ts';
import { TARGETS } from './targets.ts';

describe('random input, from outside', () => {
  let fuzzed: Fuzzed;
  beforeAll(async () => {
    fuzzed = await openFuzzed();
  });
  afterAll(() => fuzzed.stop());

  it.each(TARGETS)('is answered in words at $name, never with a fault of ours', async ({ property }) => {
    await fc.assert(property(fuzzed), { numRuns: 60 });
  });
});
