import type { Language } from '../identity/language.ts';
import { html, type Html } from '../web/html.ts';
import { worded } from '../web/messages/metadata-findings.ts';
import type { Report } from './check.ts';
import { askedFor, expectedText, seenText } from './report.ts';
import { REPORT_TEXTS } from './report-texts.ts';

/** One page that stands by itself: no script, nothing loaded, readable on paper. For handing to AgID. */
export function reportPage(reports: readonly Report[], language: Language): string {
  const text = REPORT_TEXTS[language];
  const page = html`<html lang="${language}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <title>${text.title}</title>
      <style>
        ${STYLE}
      </style>
    </head>
    <body>
      <main>
        <h1>${text.title}</h1>
        ${reports.map((report) => section(report, language))}
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}\n`;
}

/** Colour never says it alone: the words do. */
const STYLE = html`:root { color: #17324d; background: #fff; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; }
dt { font-weight: 700; }
dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { border: 1px solid #5c6f82; padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead { background: #e8eef4; }
thead th { overflow-wrap: normal; }
@media screen { table { min-width: 40rem; } }
.outcome { border-left: .5rem solid; padding: .75rem 1rem; font-size: 1.15rem; }
.good { color: #00512b; }
.bad { color: #a3001e; font-weight: 600; }
@media print { main { max-width: none; padding: 0; } tr { break-inside: avoid; } thead { display: table-header-group; } body { font-size: 9pt; } }`;

function section(report: Report, language: Language): Html {
  const text = REPORT_TEXTS[language];
  const { target, metadata, requests, cases } = report;
  return html`<section aria-label="${report.name}">
    <h2>${report.name || report.entityId}</h2>
    <p class="outcome ${report.passed ? 'good' : 'bad'}">${report.passed ? text.passed : text.failed}</p>
    ${!report.meaningful && html`<p class="bad">${text.meaningless}</p>`}
    <dl>
      <dt>${text.entity}</dt>
      <dd>${report.entityId}</dd>
      <dt>${text.metadataAt}</dt>
      <dd>${target.metadataUrl}</dd>
      <dt>${text.loginAt}</dt>
      <dd>${target.loginUrl}</dd>
      <dt>${text.provider}</dt>
      <dd>${report.provider}</dd>
      <dt>${text.when}</dt>
      <dd><time datetime="${report.at.toISOString()}">${report.at.toISOString()}</time></dd>
    </dl>
    ${summary(report, language)}
    <h3>${text.metadata}</h3>
    ${
      metadata.findings.length === 0
        ? html`<p class="good">${text.metadataGood(metadata.rules)}</p>`
        : table(
            text.metadata,
            ['ID', text.rule, text.where, text.found, text.allowed, text.outcome],
            metadata.findings
              .map((finding) => worded(language, finding))
              .map(({ id, rule, at, found, allowed, severity }) =>
                row(
                  [id, rule, at, found, allowed],
                  severity !== 'error',
                  text.severity[severity] ?? severity,
                ),
              ),
          )
    }
    <h3>${text.requests}</h3>
    ${requests.map(({ url, results }) =>
      table(
        url,
        ['ID', text.rule, text.found, text.outcome],
        results.map(({ id, rule, seen, passed }) =>
          row([id, rule[language], seen], passed, passed ? text.good : text.bad),
        ),
      ),
    )}
    <h3>${text.cases}</h3>
    <p>${text.casesNote}</p>
    ${table(
      text.cases,
      [text.number, 'P/V', text.mutation, text.asked, text.expected, text.seen, text.check, text.outcome],
      cases.map((played) =>
        row(
          [
            played.case.nr,
            played.case.suite === 'own' ? '–' : played.case.suite,
            played.case.mutation[language],
            askedFor(played),
            expectedText(played, language),
            seenText(played, language),
            played.case.check ?? '–',
          ],
          played.passed,
          played.passed ? text.good : text.bad,
        ),
      ),
    )}
  </section>`;
}

function summary({ metadata, requests, cases }: Report, language: Language): Html {
  const text = REPORT_TEXTS[language];
  const rules = requests.flatMap(({ results }) => results);
  const errors = metadata.findings.filter(({ severity }) => severity === 'error');
  const suite = (name: 'P' | 'V' | 'own') => cases.filter(({ case: { suite } }) => suite.includes(name));
  const failed = (each: readonly { readonly passed: boolean }[]) =>
    each.filter(({ passed }) => !passed).length;
  const rows: [string, number, number][] = [
    [text.metadata, metadata.rules, errors.length],
    [text.requests, rules.length, failed(rules)],
    ...(['P', 'V', 'own'] as const).map((name): [string, number, number] => [
      `${text.cases}: ${text.suites[name]}`,
      suite(name).length,
      failed(suite(name)),
    ]),
  ];
  return table(
    text.summary,
    [text.part, text.tried, text.notPassed, text.outcome],
    rows.map(([part, tried, bad]) =>
      row([part, String(tried), String(bad)], bad === 0, bad === 0 ? text.good : text.bad),
    ),
  );
}

function table(caption: string, headings: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function row([first, ...cells]: readonly string[], good: boolean, outcome: string): Html {
  return html`<tr>
    <th scope="row">${first}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
    <td class="${good ? 'good' : 'bad'}">${outcome}</td>
  </tr>`;
}
