import { describe, expect, it } from 'vitest';
import { storyOf } from '../../../src/admin/trace/story.ts';
import type { EntrySummary } from '../../../src/register/entry.ts';

const entry = (kind: string, outcome: string | null): EntrySummary => ({
  kind,
  outcome,
  entityId: 'unione',
  seq: 1,
  at: new Date(0),
  transactionId: 't',
  reference: 'R',
  source: 'spid',
  clientId: null,
  provider: 'poste',
  requestId: null,
  messageId: '_m',
  assertionId: null,
  level: null,
  claims: [],
});

describe('The story of a logout', () => {
  it.each([
    ['logout-request', null, 'A poste è stato chiesto di chiudere la sessione (_m)'],
    ['logout-request', 'accepted', 'Richiesta di uscita _m: accettata'],
    ['logout-request', 'logout_replayed', 'Richiesta di uscita _m: rifiutata (logout_replayed)'],
    ['logout-response', 'accepted', 'Risposta all’uscita _m: accettata'],
    ['logout-response', 'partly', 'Risposta all’uscita _m: sessione chiusa solo in parte'],
    ['logout-response', 'refused', 'Risposta all’uscita _m: sessione non chiusa'],
  ])('says of a %s with the outcome %s: %s', (kind, outcome, said) => {
    expect(storyOf([entry(kind, outcome)], 'it')[0]?.sentence).toBe(said);
  });

  it('says in words, too, that entries were destroyed', () => {
    expect(storyOf([entry('destroyed', '2026-03')], 'it')[0]?.sentence).toContain('distrutte');
  });
});
