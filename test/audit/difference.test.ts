import { describe, expect, it } from 'vitest';
import { differences } from '../../src/audit/difference.ts';

describe('differences between two versions', () => {
  it('are told leaf by leaf', () => {
    const before = { name: { it: 'Uno', en: 'One' }, uris: ['a', 'b'], level: 2, gone: true, empty: [] };
    const after = { name: { it: 'Due', en: 'One' }, uris: ['a', 'c', 'd'], level: 2, empty: [], fresh: null };
    expect(differences(before, after)).toEqual([
      { path: 'name.it', before: '"Uno"', after: '"Due"' },
      { path: 'uris[1]', before: '"b"', after: '"c"' },
      { path: 'gone', before: 'true', after: undefined },
      { path: 'uris[2]', before: undefined, after: '"d"' },
      { path: 'fresh', before: undefined, after: 'null' },
    ]);
  });

  it('are none between equals, and everything against nothing', () => {
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
    expect(differences(undefined, { a: 1 })).toEqual([{ path: 'a', before: undefined, after: '1' }]);
  });
});
