import { describe, expect, it } from 'vitest';
import { compress, decompress, evidenceText, parseEvidence } from '../../src/register/evidence.ts';

describe('The evidence of an entry', () => {
  it('comes back as it was, bytes of every value too', () => {
    const message = Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256));
    const evidence = { message, inner: { list: ['è', 1, true, null] } };
    expect(parseEvidence(decompress(compress(evidenceText(evidence))))).toEqual(evidence);
  });

  it('is refused where it would be too large to be read back, so that no entry is written that nobody can open', () => {
    const most = 4 * 1024 * 1024;
    expect(decompress(compress('x'.repeat(most)))).toHaveLength(most);
    expect(() => compress('è'.repeat(most / 2 + 1))).toThrow(RangeError);
  });
});
