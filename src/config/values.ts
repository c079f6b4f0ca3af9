import { z } from 'zod';

export { attributeName, days, level, localised, minutes, shortId, url } from '../identity/values.ts';

/** A secret given in place, by file or by environment variable; becomes its value when loaded. */
export const secret = z.union(
  [
    z.string().min(1),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().regex(/^[A-Z_][A-Z0-9_]*$/i) }),
  ],
  { error: 'allowed: a text, { file: <path> } or { env: <variable> }' },
);
