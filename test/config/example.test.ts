import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { unwrapped } from '../../src/config/faults.ts';
import { configurationSchema } from '../../src/config/schema.ts';

/** Every key that the configuration file may have. */
function keysOf(schema: z.ZodType | undefined): string[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return keysOf(inner.element as z.ZodType);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => keysOf(option as z.ZodType));
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as z.ZodRawShape).flatMap(([key, value]) => [
    key,
    ...keysOf(value as z.ZodType),
  ]);
}

it('shows every key of the configuration in the example', () => {
  const example = readFileSync(`${import.meta.dirname}/../../gateway.example.yaml`, 'utf8');
  const keys = new Set(keysOf(configurationSchema));
  expect(keys.size).toBeGreaterThan(100);
  expect([...keys].filter((key) => !new RegExp(`\\b${key}:`).test(example))).toEqual([]);
});
