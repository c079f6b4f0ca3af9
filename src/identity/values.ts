import { z } from 'zod';
import { ATTRIBUTE_NAMES } from './attributes.ts';

/** A text in Italian and, where it differs, in English. */
export const localised = z
  .strictObject({ it: z.string().trim().min(1), en: z.string().trim().min(1).optional() })
  .transform(({ it, en }) => ({ it, en: en ?? it }));

export const url = z.url({ protocol: /^https?$/, error: 'allowed: an absolute http(s) URL' });
export const level = z.union([z.literal(1), z.literal(2), z.literal(3)], { error: 'allowed: 1, 2 or 3' });
export const shortId = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, {
  error: 'allowed: 1 to 40 lower-case letters, digits, - and _, beginning with a letter',
});
export const attributeName = z.enum(ATTRIBUTE_NAMES, { error: `allowed: ${ATTRIBUTE_NAMES.join(', ')}` });

/** Whole minutes within bounds. */
export const minutes = (min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max, { error: `allowed: ${min} to ${max} minutes` });

/** Whole days within bounds. */
export const days = (min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max, { error: `allowed: ${min} to ${max} days` });
