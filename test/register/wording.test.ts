import { describe, expect, it } from 'vitest';
import type { EntrySummary } from '../../src/register/entry.ts';
import { ending, sentence, type Names } from '../../src/register/package/wording.ts';

const NAMES: Names = {
  client: () => 'SUAP',
  provider: () => 'Poste',
  entity: (id) => id,
  attribute: (name) => name,
  claims: (claims) => claims.filter((claim) => claim !== 'sub'),
};
const entry = (kind: string, outcome: string | null = null): EntrySummary => ({
  kind,
  outcome,
  entityId: 'unione',
  seq: 1,
  at: new Date(0),
  transactionId: 't',
  reference: 'R',
  source: 'spid',
  clientId: 'suap',
  provider: 'https://idp.example.it',
  requestId: null,
  messageId: null,
  assertionId: null,
  level: 2,
  claims: ['sub', 'Nome'],
});

describe('The words of the report', () => {
  it.each([
    ['response', 'accepted', 'Poste ha attestato chi è l’utente'],
    ['response', 'spid_nr25', 'l’utente ha annullato l’accesso presso il gestore (codice spid_nr25)'],
    ['response', 'spid_nr08', 'il gestore ha risposto con un errore (codice spid_nr08)'],
    ['response', 'S2', 'la firma non è risultata valida (codice S2)'],
    ['response', 'C2', 'la stessa è arrivata di nuovo (codice C2)'],
    ['response', 'A1', 'l’asserzione era già stata usata una volta (codice A1)'],
    ['response', 'A17', 'il contenuto dell’asserzione non rispettava le regole SPID (codice A17)'],
    ['response', 'of tomorrow', 'il messaggio non ha superato i controlli (codice of tomorrow)'],
    ['released', null, '«SUAP» ha letto: Nome.'],
    ['logout-request', null, 'Al gestore Poste è stato chiesto'],
    ['logout-request', 'accepted', 'Il gestore Poste ha chiesto di chiudere la sessione.'],
    ['logout-response', 'partly', 'il gestore ha chiuso la sessione solo in parte'],
    ['no-answer', 'unanswered', 'nessuno è entrato'],
  ])('say of a %s (%s): %s', (kind, outcome, said) => {
    expect(sentence(entry(kind, outcome), NAMES)).toContain(said);
  });

  it.each([
    [[['request'], ['response', 'accepted'], ['granted']], 'accesso riuscito'],
    [[['request'], ['response', 'accepted']], 'riconosciuto, non entrato'],
    [[['request'], ['response', 'S2'], ['no-answer', 'unanswered']], 'accesso non riuscito'],
    [[['request'], ['no-answer', 'unanswered']], 'nessuna risposta'],
    [[['request']], 'in attesa di risposta'],
    [
      [
        ['logout-request', 'accepted'],
        ['logout-response', 'accepted'],
      ],
      'uscita',
    ],
    [[['logout-request'], ['logout-response', 'partly']], 'uscita'],
    [[['logout-request', 'logout_replayed']], 'richiesta di uscita non riuscita'],
    [[['destroyed', '2026-03']], '–'],
  ] as const)('say of %j that it ended so: %s', (story, end) => {
    expect(ending(story.map(([kind, outcome]) => entry(kind, outcome)))).toBe(end);
  });
});
