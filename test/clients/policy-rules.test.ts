import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { attributesFor, policyViolations } from '../../src/clients/policy-rules.ts';

const purpose = { it: 'prova', en: 'trial' };
const client = (changes: Partial<Client>): Client => ({ attributes: [], ...changes }) as unknown as Client;
const PNG = 'data:image/png;base64,iVBORw0KGgoAAAAN';

describe('rules of policies and branding', () => {
  it.each([
    [
      'confirmation where nothing is reused',
      { policy: { reuse: false, confirmReuse: true } },
      'policy.confirmReuse',
    ],
    ['a purpose without the company’s number', { policy: { purpose: 'PX' } }, 'attributes'],
    ['a minimum age above the maximum', { policy: { age: { minimum: 18, maximum: 17 } } }, 'policy.age'],
    ['a logo that is no PNG', { branding: { logo: 'data:image/svg+xml;base64,PHN2Zz4=' } }, 'branding.logo'],
    ['a logo that is too large', { branding: { logo: `${PNG}${'A'.repeat(40_000)}` } }, 'branding.logo'],
    [
      'a link that runs a script',
      { branding: { links: { terms: 'javascript:alert(1)' } } },
      'branding.links.terms',
    ],
  ] satisfies [string, Partial<Client>, string][])('refuse %s', (_what, changes, key) => {
    expect(policyViolations(client(changes)).map((violation) => violation.key)).toEqual([key]);
  });

  it.each([
    ['nothing special', {}],
    ['a purpose for persons only', { policy: { purpose: 'PF' } }],
    [
      'a purpose with the company’s number',
      {
        attributes: [{ name: 'companyFiscalNumber', purpose, required: false }],
        policy: { purpose: 'P' },
      },
    ],
    ['brand and ages', { policy: { age: { minimum: 14, maximum: 17 } }, branding: { logo: PNG } }],
  ] satisfies [string, Partial<Client>][])('let %s be', (_what, changes) => {
    expect(policyViolations(client(changes))).toEqual([]);
  });

  it('ask for the date of birth where an age has to be known, and only there', () => {
    expect(attributesFor(client({ policy: { age: { minor: true } } }))).toEqual(['dateOfBirth']);
    expect(attributesFor(client({ policy: {} }))).toEqual([]);
  });
});
