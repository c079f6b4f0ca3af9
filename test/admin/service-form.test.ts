import { describe, expect, it } from 'vitest';
import { serviceFormBody } from '../../src/admin/pages/service-form.ts';
import { fieldsOf, readService } from '../../src/admin/service-form.ts';
import { CLIENT_AUTH_METHODS, type Client } from '../../src/clients/client.ts';
import { clientSchema } from '../../src/clients/schema.ts';
import type { Entity } from '../../src/entities/entity.ts';
import type { PortalSession } from '../../src/portal/sessions.ts';
import { fieldsOnPage } from '../support/form-fields.ts';

/** Something of everything that a declaration can say. */
const WHOLE: Client = {
  id: 'whole',
  entity: 'unione',
  sector: 'tributi',
  name: { it: 'Tutto', en: 'All "of" it' },
  homePage: 'https://example.it/',
  contacts: ['a@example.it', 'b@example.it'],
  applicationType: 'native',
  minimumLevel: 3,
  refreshTokens: true,
  idTokenAlgorithm: 'ES256',
  redirectUris: ['https://example.it/a?b=1&c=2', 'https://example.it/d'],
  postLogoutRedirectUris: ['https://example.it/'],
  backchannelLogoutUri: 'https://example.it/bye',
  authMethod: 'private_key_jwt',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
  jwksUri: 'https://example.it/jwks',
  protocol: { pushedRequests: true },
  policy: {
    sources: ['spid'],
    reuse: false,
    confirmReuse: true,
    purpose: 'PF',
    levelNotHeld: 'unmet_authentication_requirements',
    age: { minimum: 18, over: [65] },
    tokenMinutes: { access: 5 },
  },
  branding: { text: { it: 'Ciao', en: 'Hello' }, links: { terms: 'https://example.it/terms' } },
  attributes: [
    {
      name: 'name',
      purpose: { it: "dell'ente", en: 'why' },
      legalBasis: { ground: 'public-task', law: 'art. 1' },
      required: true,
    },
  ],
};

/** What comes of opening a service in the form and saving it as it is. */
function savedAsItIs(before: Client): Client {
  const page = serviceFormBody(
    {
      language: 'it',
      fields: fieldsOf(before),
      session: { csrf: 'token' } as PortalSession,
    },
    {
      faults: {},
      before,
      version: 1,
      entities: [{ id: 'unione', organization: { displayName: { it: 'U', en: 'U' } } } as Entity],
    },
  );
  const { client, faults } = readService(
    new Map(Object.entries(fieldsOnPage(page.toString()))),
    before.id,
    before,
  );
  expect(faults).toEqual({});
  return client;
}

describe('the form of a service', () => {
  it('loses nothing of what it does not show', () => {
    expect(Object.keys(WHOLE).sort()).toEqual(Object.keys(clientSchema.shape).sort());
    expect(Object.keys(WHOLE.policy ?? {}).sort()).toEqual(
      Object.keys(clientSchema.shape.policy.unwrap().shape).sort(),
    );
    expect(savedAsItIs(WHOLE)).toEqual(WHOLE);
  });

  it.each(CLIENT_AUTH_METHODS)('leaves a service that proves itself by %s as it is', (authMethod) => {
    expect(savedAsItIs({ ...WHOLE, authMethod })).toMatchObject({ authMethod });
  });

  it('takes a program without citizens, which has no address to come back to', () => {
    const program = {
      ...WHOLE,
      redirectUris: [],
      attributes: [],
      postLogoutRedirectUris: [],
      protocol: { withoutCitizens: true, clientCredentials: true },
    };
    expect(savedAsItIs(program)).toEqual(program);
  });
});
