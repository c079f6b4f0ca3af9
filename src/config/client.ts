import { z } from 'zod';
import { clientSchema, scopeName } from '../clients/schema.ts';
import { localised, minutes, secret } from './values.ts';

/** A client of the configuration file: with its secrets, and its logo by the path of a file. */
export const client = clientSchema.extend({ secrets: z.array(secret).default([]) });

export const api = z.strictObject({
  resource: z.url({ protocol: /^(https|urn)$/, error: 'allowed: an https URL without fragment, or a urn' }),
  name: localised,
  scopes: z.array(scopeName).min(1),
  tokenFormat: z.enum(['jwt', 'opaque']).default('jwt'),
  introspectedBy: z.string().optional(),
  // As for tokens at our own userinfo: long enough to be used, short enough to be worthless when lost.
  tokenMinutes: minutes(1, 60).default(10),
});
