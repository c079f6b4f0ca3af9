import type { Language } from '../identity/language.ts';
import { worded, wordedReport } from '../web/messages/metadata-findings.ts';
import type { Report } from './check.ts';
import type { Played } from './play.ts';

/** What failed, in one line each; empty when everything passed. */
export function failures(report: Report, language: Language): string[] {
  const { metadata, requests, cases } = report;
  return [
    ...metadata.findings
      .filter(({ severity }) => severity === 'error')
      .map((finding) => worded(language, finding))
      .map(({ id, at, found, allowed }) => `${id}  ${at}: ${found}; ${allowed}`),
    ...requests.flatMap(({ url, results }) =>
      results
        .filter(({ passed }) => !passed)
        .map(({ id, rule, seen }) => `${id}  ${rule[language]}: ${seen}  (${url})`),
    ),
    ...cases
      .filter(({ passed }) => !passed)
      .map((played) => {
        const { nr, mutation } = played.case;
        return `${nr}  ${mutation[language]} [${askedFor(played)}]: ${expectedText(played, language)}, ${seenText(played, language)}`;
      }),
  ];
}

/** Level and Comparison that were asked for. */
export function askedFor({ asked }: Played): string {
  return `SpidL${asked.level} ${asked.comparison}`;
}

export function expectedText({ expected }: Played, language: Language): string {
  const texts = {
    OK: { it: 'accesso (200)', en: 'let in (200)' },
    KO: { it: 'rifiuto (400, 401, 403, 422 o 500)', en: 'refusal (400, 401, 403, 422 or 500)' },
    either: { it: 'accesso o rifiuto', en: 'either' },
  };
  return texts[expected ?? 'either'][language];
}

export function seenText({ status, seen, samePage }: Played, language: Language): string {
  const same = {
    it: ' – la pagina è la stessa di una risposta non valida',
    en: ' – the page is the one of an invalid answer',
  };
  return `${status || '–'} ${seen}${samePage ? same[language] : ''}`.trim();
}

/** For machines: names do not change, and nothing is left out. */
export function jsonReport(reports: readonly Report[]): string {
  const entries = reports.map((report) => ({
    at: report.at.toISOString(),
    entityId: report.entityId,
    name: report.name,
    provider: report.provider,
    target: report.target,
    passed: report.passed,
    metadata: wordedReport('en', report.metadata),
    requests: report.requests,
    cases: report.cases.map((played) => ({
      nr: played.case.nr,
      suite: played.case.suite,
      mutation: played.case.mutation,
      check: played.case.check,
      asked: played.asked,
      expected: played.expected ?? 'either',
      status: played.status,
      seen: played.seen,
      passed: played.passed,
      ...(played.samePage ? { samePage: true } : {}),
    })),
  }));
  return `${JSON.stringify({ passed: reports.every(({ passed }) => passed), reports: entries }, null, 2)}\n`;
}
