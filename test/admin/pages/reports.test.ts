import { describe, expect, it } from 'vitest';
import { breakdownsOf } from '../../../src/admin/pages/reports.ts';

const service = (value: string, accesses: number | undefined) => ({
  entityId: 'unione',
  by: 'service' as const,
  value,
  accesses,
});

describe('a report on the page', () => {
  it('names the fifty most used services, and says how many more there are', () => {
    const many = Array.from({ length: 60 }, (_, at) => service(`service-${at}`, 100 + at));
    const [table] = breakdownsOf(many);
    expect(table?.lines.map(({ value }) => value)).toEqual(
      many
        .slice(10)
        .map(({ value }) => value)
        .reverse(),
    );
    expect(table?.rest).toBe(10);
  });

  it('gives by the place of a service no hint at a number that is kept back', () => {
    const kept = [service('z', undefined), service('a', undefined)];
    const many = [...kept, ...Array.from({ length: 48 }, (_, at) => service(`service-${at}`, 10 + at))];
    const [table] = breakdownsOf([...many, service('more', 9000)]);
    expect(table?.lines.at(-1)).toEqual(service('z', undefined));
    expect(table?.rest).toBe(1);
  });
});
