import type { Language } from '../identity/language.ts';

/** The words of the report page. */
interface ReportTexts {
  readonly title: string;
  readonly passed: string;
  readonly failed: string;
  readonly meaningless: string;
  readonly entity: string;
  readonly metadataAt: string;
  readonly loginAt: string;
  readonly provider: string;
  readonly when: string;
  readonly summary: string;
  readonly part: string;
  readonly tried: string;
  readonly notPassed: string;
  readonly metadata: string;
  readonly metadataGood: (rules: number) => string;
  readonly requests: string;
  readonly cases: string;
  readonly suites: Readonly<Record<'P' | 'V' | 'own', string>>;
  readonly casesNote: string;
  readonly number: string;
  readonly rule: string;
  readonly where: string;
  readonly found: string;
  readonly allowed: string;
  readonly severity: Readonly<Record<string, string>>;
  readonly mutation: string;
  readonly asked: string;
  readonly expected: string;
  readonly seen: string;
  readonly check: string;
  readonly outcome: string;
  readonly good: string;
  readonly bad: string;
}

export const REPORT_TEXTS: Readonly<Record<Language, ReportTexts>> = {
  it: {
    title: 'Autoverifica SPID del fornitore di servizi',
    passed: 'Tutte le verifiche sono superate.',
    failed: 'Alcune verifiche non sono superate.',
    meaningless:
      'La risposta corretta (caso 1) non è stata accettata: che quelle errate siano rifiutate non dimostra nulla.',
    entity: 'Fornitore di servizi',
    metadataAt: 'Metadata',
    loginAt: 'Accesso di prova',
    provider: 'Gestore di prova',
    when: 'Data e ora',
    summary: 'Riepilogo',
    part: 'Parte',
    tried: 'Verifiche',
    notPassed: 'Non superate',
    metadata: 'Metadata',
    metadataGood: (rules) => `Nessuna osservazione: ${rules} regole verificate.`,
    requests: 'Richieste di autenticazione',
    cases: 'Risposte',
    suites: { P: 'spid-sp-test', V: 'Validator AgID', own: 'Casi aggiuntivi' },
    casesNote:
      'P: spid-sp-test. V: AgID Validator. La colonna «Controllo» indica la regola che il caso mette alla prova.',
    number: 'Caso',
    rule: 'Regola',
    where: 'Dove',
    found: 'Trovato',
    allowed: 'Ammesso',
    severity: { error: 'errore', warning: 'avviso' },
    mutation: 'Mutazione',
    asked: 'Richiesto',
    expected: 'Atteso',
    seen: 'Osservato',
    check: 'Controllo',
    outcome: 'Esito',
    good: 'Superato',
    bad: 'Non superato',
  },
  en: {
    title: 'SPID self-check of the service provider',
    passed: 'Everything passed.',
    failed: 'Not everything passed.',
    meaningless: 'The correct answer (case 1) was not accepted: that wrong ones were refused proves nothing.',
    entity: 'Service provider',
    metadataAt: 'Metadata',
    loginAt: 'Test login',
    provider: 'Test provider',
    when: 'Date and time',
    summary: 'Summary',
    part: 'Part',
    tried: 'Tried',
    notPassed: 'Not passed',
    metadata: 'Metadata',
    metadataGood: (rules) => `Nothing to remark: ${rules} rules were tried.`,
    requests: 'Authentication requests',
    cases: 'Responses',
    suites: { P: 'spid-sp-test', V: 'AgID Validator', own: 'Further cases' },
    casesNote: 'P: spid-sp-test. V: AgID Validator. "Check" is the rule that the case puts to the test.',
    number: 'Case',
    rule: 'Rule',
    where: 'Where',
    found: 'Found',
    allowed: 'Allowed',
    severity: { error: 'error', warning: 'warning' },
    mutation: 'Mutation',
    asked: 'Asked',
    expected: 'Expected',
    seen: 'Seen',
    check: 'Check',
    outcome: 'Outcome',
    good: 'Passed',
    bad: 'Not passed',
  },
};
