import { describe, expect, it } from 'vitest';
import type { Entity, EntityDeclaration } from '../../src/entities/entity.ts';
import { entityViolations } from '../../src/entities/rules.ts';
import { ENTITY, PUBLIC_URL } from '../sources/spid/fixtures.ts';

const broken = (change: Partial<EntityDeclaration>, publicUrl = PUBLIC_URL) =>
  entityViolations({ ...ENTITY, ...change }, publicUrl);

const contact = (change: Partial<Entity['contact']>) => broken({ contact: { ...ENTITY.contact, ...change } });

const set = (change: Partial<Entity['attributeSets'][number]>) =>
  broken({
    attributeSets: [
      { index: 0, name: 'Identificazione', attributes: ['spidCode', 'fiscalNumber'], ...change },
    ],
  });

describe('rules for entities (spid-sp-metadata, 1 to 3)', () => {
  it('accept a well-formed body', () => {
    expect(entityViolations(ENTITY, PUBLIC_URL)).toEqual([]);
  });

  it('accept the fewest contact data a body may give', () => {
    const { ipaCode, email } = ENTITY.contact;
    expect(broken({ contact: { ipaCode, email } })).toEqual([]);
  });

  it.each([
    ['no URL', 'unione', 'absolute URL'],
    ['longer than 1024 characters', `${PUBLIC_URL}/${'a'.repeat(1024)}`, '1024'],
    ['http', 'http://accesso.unione.example.it/spid', 'https'],
    ['another scheme on this machine', 'ftp://localhost/spid', 'https'],
    ['an explicit port', `${PUBLIC_URL}:8443/spid`, 'without port'],
    ['the default port written out', `${PUBLIC_URL}:443/spid`, 'as browsers write it'],
    ['a query', `${PUBLIC_URL}/spid?a=1`, 'without query'],
    ['a fragment', `${PUBLIC_URL}/spid#a`, 'fragment'],
    ['a user name', 'https://anna@accesso.unione.example.it/spid', 'user name'],
    ['a trailing blank', `${PUBLIC_URL}/spid `, 'as browsers write it'],
    ['capitals in the host', 'https://Accesso.unione.example.it/spid', 'as browsers write it'],
    ['dots that climb', `${PUBLIC_URL}/a/../spid`, 'as browsers write it'],
    ['what a router takes for a pattern', `${PUBLIC_URL}/:spid`, 'letters, digits'],
    ['no path', `${PUBLIC_URL}/`, `below ${PUBLIC_URL}/`],
    ['another host', 'https://altro.example.it/spid', `below ${PUBLIC_URL}/`],
    ['a host that only begins alike', `${PUBLIC_URL}.evil.example/spid`, `below ${PUBLIC_URL}/`],
  ])('refuse an entityID with %s', (_, entityId, allowed) => {
    expect(broken({ entityId })).toEqual([
      {
        rule: 'spid-sp-metadata 1',
        key: 'entityId',
        found: entityId,
        allowed: expect.stringContaining(allowed) as string,
      },
    ]);
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'https://localhost:8443'])(
    'accept %s for trials on one machine',
    (publicUrl) => {
      expect(broken({ entityId: `${publicUrl}/spid` }, publicUrl)).toEqual([]);
    },
  );

  it.each([
    ['is empty', ''],
    ['begins with a blank', ' Unione'],
    ['ends with a line break', 'Unione\n'],
    ['hides a control character', 'Uni\u0000one'],
  ])('refuse a name that %s, in any language', (_, text) => {
    const { organization } = ENTITY;
    const violations = broken({
      organization: { ...organization, name: { it: 'Unione', en: text }, displayName: { it: text, en: 'U' } },
      locality: text,
    });
    expect(violations.map(({ key, found }) => [key, found])).toEqual([
      ['organization.name.en', text],
      ['organization.displayName.it', text],
      ['locality', text],
    ]);
  });

  it('refuse an address of the body that is none', () => {
    const url = { it: 'www.unione.example.it', en: 'javascript:alert(1)' };
    expect(broken({ organization: { ...ENTITY.organization, url } }).map(({ key }) => key)).toEqual([
      'organization.url.it',
      'organization.url.en',
    ]);
  });

  it.each([
    ['ipaCode', ''],
    ['ipaCode', 'c h501'],
    ['ipaCode', 'x'.repeat(17)],
    ['email', 'mailto:a@example.it'],
    ['email', 'anna+spid@example.it'],
    ['email', 'anna@example'],
    ['email', 'anna@example.it\n'],
    ['telephone', '+39 050 000000'],
    ['telephone', '050000000'],
    ['vatNumber', '12345678903'],
    ['vatNumber', 'IT 12345678903'],
    ['fiscalCode', 'RSSMRA80A01H501U'],
  ])('refuse the contact with %s "%s"', (key, value) => {
    const violations = contact({ [key]: value });
    expect(violations).toMatchObject([{ rule: 'spid-sp-metadata 2.3', key: `contact.${key}`, found: value }]);
  });

  it.each([77, 99, 100, -1, 65536, 1.5])('refuse the attribute set index %d', (index) => {
    expect(set({ index })).toMatchObject([{ key: 'attributeSets[0].index', found: String(index) }]);
  });

  it('refuse an index used twice, naming the second set', () => {
    const [first] = ENTITY.attributeSets;
    if (!first) throw new Error('no attribute set');
    expect(broken({ attributeSets: [first, first] })).toMatchObject([
      { key: 'attributeSets[1].index', found: '0', allowed: 'an index no other set has' },
    ]);
  });

  it('refuse an attribute listed twice', () => {
    expect(set({ attributes: ['spidCode', 'fiscalNumber', 'spidCode'] })).toMatchObject([
      { key: 'attributeSets[0].attributes', allowed: 'each attribute once' },
    ]);
  });

  it.each([
    [['name'], 'spidCode and fiscalNumber'],
    [['spidCode', 'name'], 'fiscalNumber'],
    [['fiscalNumber'], 'spidCode'],
  ] as const)('refuse the set %j, from which no person can be told', (attributes, missing) => {
    expect(set({ attributes })).toEqual([
      {
        rule: 'spid-sp-metadata 3',
        key: 'attributeSets[0].attributes',
        found: JSON.stringify(attributes),
        allowed: `a list that has ${missing}: the subject is built on them`,
      },
    ]);
  });

  it('refuse a set without a proper name, and a body without sets', () => {
    expect(set({ name: 'Identificazione ' })).toMatchObject([{ key: 'attributeSets[0].name' }]);
    expect(broken({ attributeSets: [] })).toMatchObject([{ key: 'attributeSets', found: '[]' }]);
  });
});
