import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LANGUAGES, type Language } from '../identity/language.ts';
import { systemClock } from '../operations/clock.ts';
import { Unavailable } from '../operations/errors.ts';
import { selfCheck, type Report } from '../selfcheck/check.ts';
import { signerKeyIn } from '../selfcheck/key-directory.ts';
import { testProvider, type TestProvider } from '../selfcheck/provider.ts';
import { reportPage } from '../selfcheck/report-page.ts';
import { failures, jsonReport } from '../selfcheck/report.ts';
import { isVisitable, targetsAt, type Target } from '../selfcheck/target.ts';
import { complain } from './output.ts';

/** Nobody ever gets there: ".invalid" never resolves. */
const PROVIDER = 'https://autoverifica.invalid';

export const USAGE = `check --against GATEWAY [--entity ID]
check --metadata URL --login URL [--login URL …]
check --idp-metadata FILE                     only writes the metadata of the test provider, to be trusted there

  --json FILE  --html FILE  --lang it|en     reports, besides the one on the terminal
  --suite all|official                       official: AgID's cases only
  --keys DIRECTORY                           where the test provider's key is kept (default: selfcheck)
  --idp ENTITYID                             what the test provider is called (default: ${PROVIDER})
`;

/**
 * `check`: plays a test identity provider against a running service provider and reports every case.
 * @returns 0 everything passed, 1 something did not, 2 wrongly called
 */
export async function runCheck(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      against: { type: 'string' },
      entity: { type: 'string' },
      metadata: { type: 'string' },
      login: { type: 'string', multiple: true, default: [] },
      'idp-metadata': { type: 'string' },
      ...REPORT_OPTIONS,
      keys: { type: 'string', default: 'selfcheck' },
      idp: { type: 'string', default: PROVIDER },
    },
  });
  const { against, metadata, login } = values;
  const complaint = callFault(values) ?? reportFault(values);
  if (complaint !== undefined) return complain('check', complaint);
  const key = await signerKeyIn(values.keys, values.idp, systemClock);
  const provider = await testProvider(values.idp, systemClock, key);
  if (values['idp-metadata'] !== undefined) {
    writeFileSync(values['idp-metadata'], provider.metadata);
    process.stdout.write(`The metadata of ${provider.entityId} is in ${values['idp-metadata']}.\n`);
  }
  if (against === undefined && metadata === undefined) return 0;
  const [first = ''] = login;
  return reported(values, async () => {
    const targets: readonly Target[] =
      against !== undefined
        ? await targetsAt(against, provider.entityId, values.entity)
        : [{ metadataUrl: metadata ?? '', loginUrl: first, requestUrls: login, levelUrls: login.slice(1) }];
    return { targets, provider };
  });
}

/** Options that every check has. */
export const REPORT_OPTIONS = {
  json: { type: 'string' },
  html: { type: 'string' },
  lang: { type: 'string', default: 'it' },
  suite: { type: 'string', default: 'all' },
} as const;

export interface ReportValues {
  readonly json?: string | undefined;
  readonly html?: string | undefined;
  readonly lang: string;
  readonly suite: string;
}

/** What is wrong with the options of a report; undefined when nothing is. */
export function reportFault({ lang, suite }: ReportValues): string | undefined {
  if (languageNamed(lang) === undefined) return `--lang: found ${lang}; allowed: ${LANGUAGES.join(', ')}`;
  return suite === 'all' || suite === 'official'
    ? undefined
    : `--suite: found ${suite}; allowed: all, official`;
}

/**
 * Checks what `prepare` names, shows how far it is, and writes the reports.
 * @returns 0 everything passed, 1 something did not
 */
export async function reported(
  values: ReportValues,
  prepare: () => Promise<{ readonly targets: readonly Target[]; readonly provider: TestProvider }>,
): Promise<number> {
  const language = languageNamed(values.lang) ?? 'it';
  const reports: Report[] = [];
  try {
    const { targets, provider } = await prepare();
    for (const target of targets) {
      const officialOnly = values.suite === 'official';
      reports.push(await selfCheck(target, { provider, clock: systemClock, officialOnly, progress }));
      clearProgress();
      process.stdout.write(onTerminal(reports.at(-1) as Report));
    }
  } catch (error) {
    clearProgress();
    if (!(error instanceof Unavailable)) throw error;
    process.stderr.write(`check: ${error.message}\n`);
    return 1;
  }
  if (values.json !== undefined) writeFileSync(values.json, jsonReport(reports));
  if (values.html !== undefined) writeFileSync(values.html, reportPage(reports, language));
  return reports.every(({ passed }) => passed) ? 0 : 1;
}

interface CallValues {
  readonly against?: string | undefined;
  readonly metadata?: string | undefined;
  readonly login: readonly string[];
  readonly entity?: string | undefined;
  readonly 'idp-metadata'?: string | undefined;
  readonly idp: string;
}

function callFault(values: CallValues): string | undefined {
  const { against, metadata, login, entity, idp } = values;
  const byAddress = metadata !== undefined || login.length > 0;
  if (against !== undefined && byAddress) return 'give --against, or --metadata and --login';
  if (byAddress && (metadata === undefined || login.length === 0))
    return '--metadata and --login go together';
  if (entity !== undefined && against === undefined) return '--entity goes with --against';
  if (against === undefined && !byAddress && values['idp-metadata'] === undefined) return 'nothing to check';
  const urls: [string, string | undefined][] = [
    ['--idp', idp],
    ['--against', against],
    ['--metadata', metadata],
    ...login.map((each): [string, string] => ['--login', each]),
  ];
  const bad = urls.find(([, url]) => url !== undefined && !isVisitable(url));
  return (
    bad &&
    `${bad[0]}: found ${bad[1]}; allowed: an https URL (http only for localhost and loopback addresses)`
  );
}

function languageNamed(name: string): Language | undefined {
  return LANGUAGES.find((language) => language === name);
}

function onTerminal(report: Report): string {
  const { entityId, name, cases, requests, metadata, meaningful, passed } = report;
  const failed = failures(report, 'en');
  const rules = requests.flatMap(({ results }) => results).length;
  return [
    `${name} (${entityId})`,
    `  metadata  ${metadata.rules} rules, ${metadata.findings.length} findings`,
    `  requests  ${requests.length} caught, ${rules} rules tried`,
    `  responses ${cases.length} cases played`,
    ...failed.map((line) => `  NOT PASSED  ${line}`),
    ...(meaningful
      ? []
      : ['  The correct answer was not let in: that wrong ones were refused proves nothing.']),
    passed ? '  Everything passed.' : `  ${failed.length} not passed.`,
    '',
  ].join('\n');
}

function progress(done: number, total: number, what: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${done}/${total}  ${what.slice(0, 60)}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
