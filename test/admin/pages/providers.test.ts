import { describe, expect, it } from 'vitest';
import { providersBody, refreshedBody } from '../../../src/admin/pages/providers.ts';
import { stalenessWarnings } from '../../../src/sources/spid/federation/warnings.ts';

const IDP = 'https://idp.example.it';
const ENGLISH = /lang="en"|registry|signed|provider\b|missing|key-/;

describe('the page of identity providers', () => {
  it('says in Italian why a list was not taken, and what to do', () => {
    const page = refreshedBody('it', {
      outcome: 'refused',
      code: 'registry_doubtful',
      problem: '3 of 12 identity providers are missing',
      objections: [
        { why: 'missing', missing: ['a', 'b', IDP], of: 12 },
        { why: 'keyless', provider: IDP },
      ],
      changes: [],
    }).toString();
    expect(page).toContain('chiedi ad AgID se l’elenco è giusto');
    expect(page).toContain('mancano 3 gestori su 12: a, b, https://idp.example.it');
    expect(page).toContain('https://idp.example.it non ha più nessuna chiave per firmare');
    expect(page).not.toMatch(ENGLISH);
  });

  it.each([
    ['registry_unreachable', 'L’indirizzo del registro non risponde.'],
    ['registry_status', 'Il registro ha risposto con un errore.'],
    ['registry_too_large', 'molto più di un elenco'],
    ['metadata_signature', 'non è firmato con un certificato di AgID'],
    ['registry_pins_altered', 'alterato nella banca dati'],
    ['invalid_xml', 'non è un elenco leggibile'],
    ['something_new', 'Il motivo è nel log'],
  ])('has words for %s', (code, words) => {
    const page = refreshedBody('it', { outcome: 'refused', code, problem: 'in English', changes: [] });
    expect(page.toString()).toContain(words);
    expect(page.toString()).not.toContain('in English');
  });

  it('says in the language of the reader what has changed', () => {
    const changes = [
      { provider: IDP, change: 'key-added', detail: 'AA:BB' },
      { provider: IDP, change: 'endpoints', detail: '[{"post":"…"}]' },
    ] as const;
    const [italian, english] = (['it', 'en'] as const).map((language) =>
      refreshedBody(language, { outcome: 'changed', changes }).toString(),
    );
    expect(italian).toMatch(/Chiave nuova, con impronta[\s\S]*AA:BB[\s\S]*Indirizzi cambiati/);
    expect(italian).not.toContain('&quot;post&quot;');
    expect(english).toContain('New key, fingerprint');
  });

  it('says since when the registry confirms nothing', () => {
    const confirmed = new Date('2026-03-01T10:00:00Z');
    const session = { csrf: 'x' } as Parameters<typeof providersBody>[0]['session'];
    const page = (confirmedAt: Date | undefined) =>
      providersBody(
        { language: 'it', session, fields: new Map() },
        {
          providers: [],
          off: [],
          registry: { created: undefined, confirmed: confirmedAt },
          warnings: stalenessWarnings(confirmedAt, new Date('2026-03-05T10:00:00Z')),
          waiting: 0,
          mayChange: false,
          now: confirmed,
        },
      ).toString();
    expect(page(confirmed)).toContain('non conferma l’elenco dei gestori dal 1 mar 2026, 11:00');
    expect(page(undefined)).toContain('non ha mai confermato un elenco');
    expect(page(confirmed)).not.toMatch(/lang="en"/);
  });
});
