import { expect, it } from 'vitest';
import { readDisplayList } from '../../../../src/sources/spid/displays/list.ts';

const read = (list: unknown) => readDisplayList(Buffer.from(JSON.stringify(list)));
const ID = 'https://idp.example.it';
const one = (change: object) => read([{ entity_id: ID, organization_name: 'Esempio ID', ...change }])[0];

it('takes name and logo of each provider as AgID lists them', () => {
  expect(
    read([
      {
        organization_name: 'Esempio ID',
        entity_id: ID,
        logo_uri: 'https://idp.example.it/logo.svg',
        more: 1,
      },
      { organization_name: '  Città   Sicura ', entity_id: 'urn:x' },
    ]),
  ).toEqual([
    { entityId: ID, name: 'Esempio ID', logoUri: 'https://idp.example.it/logo.svg' },
    { entityId: 'urn:x', name: 'Città Sicura', logoUri: undefined },
  ]);
});

it.each([
  ['that is missing', undefined],
  ['that is no text', 7],
  ['of one letter', 'x'],
  ['that is too long', 'x'.repeat(61)],
  ['without letters', '12345'],
  ['with a line end', 'Esempio\nID'],
  ['with a control character', 'Esempio\u0007ID'],
  ['that is written backwards', 'Esempio\u202eDI'],
  ['with a letter nobody sees', 'Esempio\u200bID'],
  ['that is an address', 'https://idp.example.it'],
])('shows no name %s', (_, organization_name) => {
  expect(one({ organization_name })?.name).toBeUndefined();
});

it('shows no name that two providers have', () => {
  const names = read(
    ['a', 'b', 'c'].map((id) => ({
      entity_id: id,
      organization_name: id === 'c' ? 'Altro' : id === 'a' ? 'Esempio' : 'ESEMPIO',
    })),
  );
  expect(names.map(({ name }) => name)).toEqual([undefined, undefined, 'Altro']);
});

it.each([
  'javascript:alert(1)',
  'data:image/png;base64,AAAA',
  'file:///etc/passwd',
  'logo.png',
  'https://user@idp.example.it/x',
  7,
  null,
])('looks for no logo at %j', (logo_uri) => {
  expect(one({ logo_uri })?.logoUri).toBeUndefined();
});

it('loses nothing else to an entry that is none', () => {
  expect(
    read([null, 1, 'x', [], {}, { entity_id: 3 }, { entity_id: ID, organization_name: 'Esempio' }]),
  ).toHaveLength(1);
});

it.each([
  '',
  'null',
  '{}',
  '"x"',
  '[',
  '<html>',
  Buffer.from([0xff, 0x5b]),
  JSON.stringify(Array(501).fill({})),
])('refuses what is no list', (bytes) => {
  expect(() => readDisplayList(Buffer.from(bytes as string))).toThrow('no JSON array');
});
