import { z } from 'zod';
import { CLIENT_ID } from './client-id.ts';
import { CLIENT_AUTH_METHODS } from './client.ts';
import { LEGAL_GROUNDS, LONGEST_LAW } from './legal-basis.ts';
import { AGE_LINES, BRAND_LINKS, PURPOSES } from './policy.ts';
import { KEY_ENCRYPTIONS, OUR_ALGORITHMS, REQUEST_ALGORITHMS } from './protocol.ts';
import { SOURCE_KINDS } from '../identity/identity.ts';
import { attributeName, level, localised, minutes, shortId, url } from '../identity/values.ts';

/** E-mail addresses of a service. */
export const MOST_CONTACTS = 5;

/** What a scope of an API may be called. */
export const scopeName = z
  .string()
  .regex(/^[a-z][a-z0-9:._/-]{0,79}$/, { error: 'allowed: 1 to 80 of a-z, 0-9 and : . _ / -' });

const protocol = z.strictObject({
  profile: z.literal('fapi-2.0').optional(),
  pushedRequests: z.boolean().optional(),
  requestObjects: z.enum(REQUEST_ALGORITHMS).optional(),
  pkce: z.literal('optional').optional(),
  signedResponses: z.boolean().optional(),
  boundTokens: z.enum(['dpop', 'mtls']).optional(),
  assertionAlgorithm: z.enum(REQUEST_ALGORITHMS).optional(),
  certificateDns: z.string().min(1).optional(),
  encryptedIdToken: z.enum(KEY_ENCRYPTIONS).optional(),
  signedUserinfo: z.enum(OUR_ALGORITHMS).optional(),
  encryptedUserinfo: z.enum(KEY_ENCRYPTIONS).optional(),
  clientCredentials: z.boolean().optional(),
  withoutCitizens: z.boolean().optional(),
  apis: z.array(z.strictObject({ resource: z.string(), scopes: z.array(scopeName).min(1) })).optional(),
  publicSubject: z.string().optional(),
});

const years = z.number().int().min(0).max(120);

const policy = z.strictObject({
  sources: z
    .array(z.enum(SOURCE_KINDS, { error: `allowed: ${SOURCE_KINDS.join(', ')}` }))
    .min(1)
    .optional(),
  reuse: z.boolean().optional(),
  confirmReuse: z.boolean().optional(),
  purpose: z.enum(PURPOSES).optional(),
  levelNotHeld: z.literal('unmet_authentication_requirements').optional(),
  age: z
    .strictObject({
      minimum: years.optional(),
      maximum: years.optional(),
      over: z.array(z.literal(AGE_LINES, { error: `allowed: ${AGE_LINES.join(', ')}` })).optional(),
      minor: z.boolean().optional(),
    })
    .optional(),
  tokenMinutes: z
    .strictObject({
      access: minutes(1, 60).optional(),
      id: minutes(1, 60).optional(),
      refresh: minutes(1, 480).optional(),
    })
    .optional(),
});

const branding = z.strictObject({
  logo: z.string().optional(),
  text: localised.optional(),
  links: z.partialRecord(z.enum(BRAND_LINKS), url).optional(),
});

/** A client as files, commands and the API describe it: what is left out has its default. */
export const clientSchema = z.strictObject({
  id: z
    .string()
    .regex(CLIENT_ID, { error: 'allowed: 1 to 100 letters, digits and . _ ~ -, but not . or .. alone' }),
  entity: shortId,
  name: localised,
  homePage: url,
  contacts: z
    .array(z.email({ error: 'allowed: an e-mail address' }))
    .max(MOST_CONTACTS)
    .optional(),
  applicationType: z.enum(['web', 'native']).default('web'),
  redirectUris: z.array(z.string()).default([]),
  postLogoutRedirectUris: z.array(z.string()).default([]),
  backchannelLogoutUri: z.string().optional(),
  authMethod: z.enum(CLIENT_AUTH_METHODS).default('client_secret_basic'),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
  jwksUri: z.string().optional(),
  protocol: protocol.optional(),
  policy: policy.optional(),
  branding: branding.optional(),
  refreshTokens: z.boolean().default(false),
  idTokenAlgorithm: z.enum(OUR_ALGORITHMS).default('RS256'),
  sector: z.string().trim().min(1).optional(),
  minimumLevel: level.default(2),
  attributes: z
    .array(
      z.strictObject({
        name: attributeName,
        purpose: localised,
        legalBasis: z
          .strictObject({
            ground: z.enum(LEGAL_GROUNDS, { error: `allowed: ${LEGAL_GROUNDS.join(', ')}` }),
            law: z.string().trim().min(1).max(LONGEST_LAW).optional(),
          })
          .optional(),
        required: z.boolean().default(false),
      }),
    )
    .default([]),
});
