import { describe, expect, it } from 'vitest';
import { assertionConsumerUrl, singleLogoutUrl, smallestCoveringSet } from '../../src/entities/entity.ts';
import { ENTITY, PUBLIC_URL } from '../sources/spid/fixtures.ts';

describe('an entity', () => {
  it('has an assertion consumer and a logout address of its own', () => {
    expect(assertionConsumerUrl(PUBLIC_URL, ENTITY)).toBe(`${PUBLIC_URL}/spid/unione/acs`);
    expect(singleLogoutUrl(PUBLIC_URL, ENTITY)).toBe(`${PUBLIC_URL}/spid/unione/slo`);
  });

  it('asks for the set with the fewest attributes that covers what is wanted', () => {
    expect(smallestCoveringSet(ENTITY, ['fiscalNumber'])?.index).toBe(3);
    expect(smallestCoveringSet(ENTITY, ['name'])?.index).toBe(0);
  });

  it('takes the lower index of two sets of one size, whatever their order', () => {
    const attributes = ['spidCode', 'fiscalNumber'] as const;
    const attributeSets = [7, 2, 5].map((index) => ({ index, name: 'Minimo', attributes }));
    expect(smallestCoveringSet({ ...ENTITY, attributeSets }, ['spidCode'])?.index).toBe(2);
  });

  it('has no set for what no single set covers', () => {
    expect(smallestCoveringSet(ENTITY, ['name', 'email'])).toBeUndefined();
  });
});
