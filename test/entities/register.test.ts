import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttributeSet, EntityDeclaration } from '../../src/entities/entity.ts';
import { freeIndex } from '../../src/entities/declarations.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { buildMetadata } from '../../src/sources/spid/metadata.ts';
import { ENTITY, PUBLIC_URL } from '../sources/spid/fixtures.ts';
import { describeStores } from '../support/stores.ts';

const clock = { now: () => new Date('2026-03-01T10:00:00Z') };
const UNION: EntityDeclaration = ENTITY;
const TOWN: EntityDeclaration = {
  ...ENTITY,
  id: 'esempio',
  entityId: `${PUBLIC_URL}/pub-ag-full/c_x999`,
  contact: { ipaCode: 'c_x999', email: 'spid@comune.example.it' },
  aggregator: 'unione',
};

/** What somebody may do with the attribute sets of a body. */
type AttributeSetStep =
  | { kind: 'add'; attribute: string }
  | { kind: 'remove' | 'rename'; at: number }
  | { kind: 'reuse'; index: number };

/** The removal goes back to what the second version says, so that no version is sealed for it. */
const GOING_BACK: AttributeSetStep[] = [
  { kind: 'reuse', index: 2 },
  { kind: 'add', attribute: 'email' },
  { kind: 'remove', at: 2 },
  { kind: 'reuse', index: 1 },
];

describeStores('the register of entities', (openUrl) => {
  let url: string;
  const stores: Store[] = [];
  beforeAll(async () => {
    url = await openUrl();
  });
  afterAll(() => Promise.all(stores.map((store) => store.close())));

  /** A process of its own, on a store of its own unless one is given. */
  const open = async (at?: string) => {
    const store = await openStore(at ?? (await openUrl()), clock);
    stores.push(store);
    return new EntityRegister(store, clock, PUBLIC_URL).fresh();
  };
  const seal = (register: EntityRegister, declaration: EntityDeclaration) => {
    const { entityId, attributeSets } = declaration;
    const content = buildMetadata({ ...ENTITY, entityId, attributeSets }, PUBLIC_URL, [], '_x');
    return register.versions.sealed(declaration.id, content, () => Buffer.from(content));
  };
  const rules = async (register: EntityRegister, ...declarations: EntityDeclaration[]) =>
    (await register.violations(declarations, 'runtime')).map(({ rule, key }) => `${key} (${rule})`);

  it('shows a change that another process made, without a restart', async () => {
    const [one, other] = [await open(url), await open(url)];
    await one.followConfiguration([UNION]);
    expect(other.get('unione')).toBeUndefined();
    await other.fresh();
    expect(other.get('unione')?.entityId).toBe(UNION.entityId);
  });

  it('gives an aggregated body the name and the codes of its aggregator, as they are now', async () => {
    const register = await open();
    await register.followConfiguration([UNION, TOWN]);
    expect(register.get('esempio')?.aggregator).toEqual({
      id: 'unione',
      name: UNION.organization.name.it,
      contact: UNION.contact,
    });
    const contact = { ...UNION.contact, telephone: '+390511111111' };
    await register.followConfiguration([{ ...UNION, contact }, TOWN]);
    expect(register.get('esempio')?.aggregator?.contact.telephone).toBe('+390511111111');
  });

  it('ends the part of a body that the file no longer declares, and keeps its entityID from ever being used again', async () => {
    const register = await open();
    await register.followConfiguration([UNION, TOWN]);
    await register.followConfiguration([UNION]);
    expect(register.get('esempio')).toBeUndefined();
    expect(await rules(register, { ...TOWN, id: 'nuovo' })).toEqual(['entityId (spid-sp-metadata 1)']);
    await register.followConfiguration([UNION, TOWN]);
    expect(register.get('esempio')).toBeDefined();
  });

  it('keeps entities that were added at run time apart from those of the file', async () => {
    const register = await open();
    await register.followConfiguration([UNION]);
    await register.save(TOWN);
    await register.followConfiguration([UNION]);
    expect(register.get('esempio')?.aggregator?.id).toBe('unione');
    await expect(register.save({ ...UNION, locality: 'Altrove' })).rejects.toMatchObject({
      code: 'entity_invalid',
    });
    await expect(register.cease('unione')).rejects.toMatchObject({ code: 'entity_declared' });
    await register.cease('esempio');
    expect(register.get('esempio')).toBeUndefined();
    await expect(register.cease('esempio')).rejects.toMatchObject({ code: 'entity_unknown' });
  });

  it.each<[string, Partial<EntityDeclaration>, string]>([
    [
      'an IPA code with a blank',
      { contact: { ...TOWN.contact, ipaCode: 'c x999' } },
      'contact.ipaCode (spid-sp-metadata 2.3)',
    ],
    [
      'an e-mail address that checkers refuse',
      { contact: { ...TOWN.contact, email: 'a+b@example.it' } },
      'contact.email (spid-sp-metadata 2.3)',
    ],
    [
      'an entityID without the activity code',
      { entityId: `${PUBLIC_URL}/comune` },
      'entityId (spid-aggregator 2)',
    ],
    [
      'the entityID of another body',
      { entityId: UNION.entityId, aggregator: 'unione' },
      'entityId (spid-sp-metadata 1)',
    ],
    [
      'an address of the gateway itself',
      { entityId: `${PUBLIC_URL}/oidc/pub-ag-full/x` },
      'entityId (spid-sp-metadata 1)',
    ],
    ['an aggregator that does not exist', { aggregator: 'nessuno' }, 'aggregator (spid-aggregator 1)'],
    ['itself as aggregator', { aggregator: 'esempio' }, 'aggregator (spid-aggregator 1)'],
    [
      'an index that two sets have',
      { attributeSets: [...UNION.attributeSets, ...UNION.attributeSets] },
      'attributeSets[2].index (spid-sp-metadata 3)',
    ],
    [
      'a reserved index',
      { attributeSets: [{ index: 77, name: 'x', attributes: ['spidCode', 'fiscalNumber'] }] },
      'attributeSets[0].index (spid-sp-metadata 3)',
    ],
  ])('refuses %s, citing the rule, before anything is written', async (_, change, broken) => {
    const register = await open();
    await register.followConfiguration([UNION]);
    expect(await rules(register, { ...TOWN, ...change })).toContain(broken);
    await expect(register.save({ ...TOWN, ...change })).rejects.toMatchObject({
      code: 'entity_invalid',
      status: 422,
    });
    expect((await register.fresh()).kept().map(({ declaration }) => declaration.id)).toEqual(['unione']);
  });

  it('lets the entityID change until it was sealed, and never after', async () => {
    const register = await open();
    const moved = { ...UNION, entityId: `${PUBLIC_URL}/altro` };
    await register.save(UNION);
    await register.save(moved);
    await seal(register, moved);
    expect(await rules(register, UNION)).toEqual(['entityId (spid-sp-metadata 1)']);
  });

  it('never gives an index another meaning, whatever is added, removed and renamed', async () => {
    const step: fc.Arbitrary<AttributeSetStep> = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        attribute: fc.constantFrom('email', 'mobilePhone', 'gender'),
      }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(5) }),
      fc.record({ kind: fc.constant('rename' as const), at: fc.nat(5) }),
      fc.record({ kind: fc.constant('reuse' as const), index: fc.nat(6) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const register = await open('sqlite::memory:');
        /** What each index has ever stood for since it was last retired. */
        const meaning = new Map<number, string>();
        const retired = new Set<number>();
        let sets: readonly AttributeSet[] = UNION.attributeSets.slice(0, 1);
        const publish = async (next: readonly AttributeSet[]) => {
          const declaration = { ...UNION, attributeSets: next };
          if ((await register.violations([declaration], 'runtime')).length > 0) return false;
          await register.save(declaration);
          await seal(register, declaration);
          return true;
        };
        await publish(sets);
        for (const change of steps) {
          const history = await register.versions.history('unione');
          const at = 'at' in change ? change.at % sets.length : 0;
          const extra = change.kind === 'add' ? (change.attribute as 'email') : 'digitalAddress';
          const index = change.kind === 'reuse' ? change.index : freeIndex(sets, history);
          const added: AttributeSet = {
            index,
            name: 'Nuovo',
            attributes: ['spidCode', 'fiscalNumber', extra],
          };
          const next =
            change.kind === 'remove'
              ? sets.filter((_, position) => position !== at)
              : change.kind === 'rename'
                ? sets.map((set, position) => (position === at ? { ...set, name: `${set.name}'` } : set))
                : [...sets, added];
          if (next.length === 0 || !(await publish(next))) continue;
          for (const set of sets)
            if (!next.some((other) => other.index === set.index)) retired.add(set.index);
          for (const set of next) {
            const attributes = set.attributes.toSorted().join(' ');
            if (retired.has(set.index)) expect(attributes).toBe(meaning.get(set.index));
            meaning.set(set.index, attributes);
          }
          // Who stays keeps its number.
          for (const set of sets.filter((other) => next.includes(other)))
            expect(
              next.find((other) => other.name === set.name && other.attributes === set.attributes)?.index,
            ).toBe(set.index);
          sets = next;
        }
      }),
      { numRuns: 25, examples: [[GOING_BACK]] },
    );
  });
});
