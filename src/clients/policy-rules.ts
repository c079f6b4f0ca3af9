import type { Violation } from '../entities/rules.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { Client } from './client.ts';

const LARGEST_LOGO = 32 * 1024;
const PNG = /^data:image\/png;base64,iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$/;

/** The rules for policies and branding. */
export function policyViolations(client: Client): Violation[] {
  const violations: Violation[] = [];
  const add = (rule: string, key: string, found: unknown, allowed: string) =>
    violations.push({ rule, key, found: JSON.stringify(found) ?? 'nothing', allowed });
  const { policy = {}, branding = {} } = client;
  const { purpose, age, confirmReuse, reuse } = policy;
  if (confirmReuse && reuse === false)
    add('architecture', 'policy.confirmReuse', true, 'false where no session is reused');
  // Without the company's number one kind of identity cannot be told from another.
  if (purpose && purpose !== 'PF' && !client.attributes.some(({ name }) => name === 'companyFiscalNumber'))
    add('AgID notice 18 v2', 'attributes', purpose, 'companyFiscalNumber among them, for this purpose');
  if (age?.minimum !== undefined && age.maximum !== undefined && age.minimum > age.maximum)
    add('spid-attributes 7', 'policy.age', age, 'a minimum that is not above the maximum');
  const { logo, links = {} } = branding;
  if (logo !== undefined && (!PNG.test(logo) || logo.length > LARGEST_LOGO))
    add(
      'architecture',
      'branding.logo',
      `${logo.slice(0, 30)}…`,
      `a PNG of at most ${LARGEST_LOGO * 0.75} bytes`,
    );
  for (const [name, url] of Object.entries(links)) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      add('architecture', `branding.links.${name}`, url, 'an http(s) URL');
  }
  return violations;
}

/** What has to be asked of an identity provider for a client, released to it or not. */
export function attributesFor(client: Client): readonly AttributeName[] {
  const wanted = client.attributes.map(({ name }) => name);
  return client.policy?.age && !wanted.includes('dateOfBirth') ? [...wanted, 'dateOfBirth'] : wanted;
}
