import { describe, expect, it } from 'vitest';
import { checksOf, differencesOf } from '../../../src/admin/pages/metadata.ts';
import { checkMetadata } from '../../../src/entities/metadata-check/check.ts';
import { METADATA_RULE_IDS } from '../../../src/entities/metadata-check/rule.ts';
import { aboutRule, wordedReport } from '../../../src/web/messages/metadata-findings.ts';
import { buildMetadata } from '../../../src/sources/spid/metadata.ts';
import { ENTITY, PUBLIC_URL } from '../../sources/spid/fixtures.ts';

const contact = { ...ENTITY.contact, email: 'accesso+spid@unione.example.it', telephone: '050 123456' };
const report = () =>
  checkMetadata(Buffer.from(buildMetadata({ ...ENTITY, contact }, PUBLIC_URL, ['AAAA'], '_m1')), {
    now: new Date('2026-03-01T10:00:00Z'),
    production: true,
  });

describe('what AgID would say of some metadata', () => {
  it('is said to an Italian reader in Italian: what is wrong, where, and what to do next', async () => {
    const page = checksOf('it', await report()).toString();
    expect(page).toContain('<strong>M25</strong> (errore)<br />Posta elettronica del contatto');
    expect(page).toContain('<code>ContactPerson/<wbr />EmailAddress</code>');
    expect(page).toContain('accesso+spid@unione.example.it');
    expect(page).toContain('un indirizzo e-mail di sole lettere, cifre, «.», «_» e «-»');
    expect(page).toContain('Fai correggere l’indirizzo e-mail (contact.email), di un ufficio');
    expect(page).not.toMatch(/lang="en"|found|allowed|nothing|without</);
  });

  it('is said to an English reader in English', async () => {
    const page = checksOf('en', await report()).toString();
    expect(page).toContain('<strong>M25</strong> (error)<br />E-mail of the contact');
    expect(page).toContain('Have the e-mail address (contact.email), of an office');
  });

  it('shows what changes in Italian, too', () => {
    const certificate = `certificate ${'ab'.repeat(32)}`;
    const page = differencesOf('it', [
      { what: certificate, before: undefined, after: 'published' },
      { what: 'ContactPerson, Public', before: undefined, after: 'present' },
      { what: 'AttributeConsumingService 3, name', before: 'Contatti', after: 'published' },
    ]).toString();
    expect(page).toContain(`certificato ${'ab'.repeat(32)}`);
    expect(page).toContain('<ins>pubblicato</ins>');
    expect(page).toContain('<ins>presente</ins>');
    expect(page).toContain('AttributeConsumingService 3, nome');
  });

  it('keeps its identifiers and places in every language, and its English words for programs', async () => {
    const found = await report();
    const [italian, english] = (['it', 'en'] as const).map((language) => wordedReport(language, found));
    const fixed = (findings: NonNullable<typeof italian>['findings'] | undefined) =>
      findings?.map(({ id, rule, severity, at }) => [id, rule, severity, at]);
    expect(fixed(italian?.findings)).toEqual(fixed(english?.findings));
    expect(english?.findings).toContainEqual({
      id: 'M26',
      rule: 'spid-sp-metadata 2.3',
      severity: 'error',
      at: 'ContactPerson/TelephoneNumber',
      found: '050 123456',
      allowed: 'digits without blanks',
    });
  });

  it.each(METADATA_RULE_IDS)('%s: says in both languages what the rule is about and what to do', (id) => {
    const [italian, english] = (['it', 'en'] as const).map((language) => aboutRule(language, id));
    expect(italian?.next).toMatch(/\.$/);
    expect(english?.next).toMatch(/\.$/);
    expect(italian?.next).not.toBe(english?.next);
  });
});
