import { expect, it } from 'vitest';
import type { Scope } from '../../../src/admin/roles.ts';
import { visibleEntries } from '../../../src/admin/trace/visible.ts';
import type { EntrySummary } from '../../../src/register/entry.ts';

const entry = (seq: number, kind: string, clientId: string | null, transactionId = 'one'): EntrySummary => ({
  entityId: 'unione',
  seq,
  at: new Date(0),
  transactionId,
  reference: 'K7QF-3MZP',
  kind,
  clientId,
  source: 'spid',
  provider: null,
  requestId: null,
  messageId: null,
  assertionId: null,
  outcome: null,
  level: 2,
  claims: [],
});
const developer = (...clientIds: string[]): Scope => ({
  entityIds: [],
  own: { roles: new Map([['unione', 'role']]), clientIds },
});
const seen = (scope: Scope, entries: readonly EntrySummary[]) =>
  visibleEntries(scope, entries).map(({ seq }) => seq);

/** A login at the school; in the same session the citizen enters the library, and leaves. */
const STORY = [
  entry(1, 'request', 'school'),
  entry(2, 'response', 'school'),
  entry(3, 'granted', 'school'),
  entry(4, 'granted', 'library'),
  entry(5, 'released', 'library'),
  entry(6, 'logged-out', null),
];

it('shows whoever develops a service what became of its logins, and nothing of the services entered after it', () => {
  expect(seen(developer('school'), STORY)).toEqual([1, 2, 3]);
});

it('shows whoever develops another service nothing, even where that was entered by the same session', () => {
  expect(seen(developer('library'), STORY)).toEqual([]);
  expect(seen(developer(), STORY)).toEqual([]);
});

it('shows whoever has both of them both', () => {
  expect(seen(developer('school', 'library'), STORY)).toEqual([1, 2, 3, 4, 5]);
});

it('shows whoever administers a body everything of that body alone', () => {
  expect(seen({ entityIds: ['unione'] }, STORY)).toHaveLength(6);
  expect(seen({ entityIds: ['bientina'] }, STORY)).toEqual([]);
  expect(seen({ entityIds: undefined }, STORY)).toHaveLength(6);
});
