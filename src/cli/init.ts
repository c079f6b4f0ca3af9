import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { certificateSubjects } from '../entities/certificate-subject.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import type { MetadataReport } from '../entities/metadata-check/check.ts';
import { withWorkbench } from '../gateway/workbench.ts';
import { createKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import { wordedReport } from '../web/messages/metadata-findings.ts';
import {
  entityOf,
  faultsOf,
  FURTHER_FLAGS,
  QUESTIONS,
  unanswered,
  type Answers,
  type Fault,
} from './init/answers.ts';
import { ask } from './init/ask.ts';
import { configurationFile } from './init/configuration-file.ts';
import { nextSteps, type Step } from './init/next-steps.ts';
import { complain, show } from './output.ts';
import { refuseShortPassphrase } from './passphrase.ts';

export const USAGE = `init                                   set up a gateway for production in this folder, or --directory DIR

${QUESTIONS.map(({ flag, text }) => `  --${flag.padEnd(16)}${text}`).join('\n')}
  --id              Short name of the union in addresses (default: unione)
  --vat, --fiscal-code                  for the metadata, where wanted
  --store URL       Default: sqlite:data/gateway.db
  --bits, --years   Of its SPID key: 2048, 3072 (default) or 4096 bits; 1 to 10 years (default 2)

What is not given is asked for. The passphrase of the keys is taken from GATEWAY_KEYS_PASSPHRASE, or made. Options:
--json (asks nothing). Exit codes: 0 done, 1 refused, nothing was written, 2 wrongly called.
`;

const TECHNICAL_FLAGS = ['store', 'bits', 'years', 'directory'];

/** Where a passphrase comes from that is given. */
const PASSPHRASE_VARIABLE = 'GATEWAY_KEYS_PASSPHRASE';
const PASSPHRASE_FILE = 'passphrase';

/** Sets a gateway up: configuration, keys, certificate, the union as an entity, the first draft of its metadata. */
export async function runInit(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const flags = [...QUESTIONS.map(({ flag }) => flag), ...FURTHER_FLAGS, ...TECHNICAL_FLAGS];
  const text = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' }] as const));
  const { values } = parseArgs({
    args,
    options: { ...text, json: { type: 'boolean' } },
  });
  const json = values.json === true;
  const given: Record<string, string> = {};
  for (const [flag, value] of Object.entries<string | boolean | undefined>(values))
    if (typeof value === 'string') given[flag] = value.trim();
  const bits = Number(given['bits'] ?? 3072);
  const years = Number(given['years'] ?? 2);
  if (bits !== 2048 && bits !== 3072 && bits !== 4096)
    return complain('init', `--bits: found ${given['bits']}; allowed: 2048, 3072 or 4096`);
  if (!Number.isInteger(years) || years < 1 || years > 10)
    return complain('init', `--years: found ${given['years']}; allowed: 1 to 10`);
  const directory = resolve(given['directory'] ?? '.');
  refuseToOverwrite(directory);
  const answers = json ? given : await ask(given);
  const missing = unanswered(answers);
  if (missing.length > 0)
    return complain('init', `not said: ${missing.map(({ flag }) => `--${flag}`).join(', ')}`);
  refuseFaults(faultsOf(answers));
  const made = await setUp(directory, answers, {
    environment,
    bits,
    years,
    storeUrl: given['store'] ?? 'sqlite:data/gateway.db',
  });
  const steps = nextSteps(answers, join(directory, 'gateway.yaml'), made.passphraseFile);
  const draft = wordedReport('en', made.draft);
  show(
    json,
    { directory, ...made, draft, entity: entityOf(answers), next: steps },
    lines(directory, made, steps),
  );
  return 0;
}

interface Made {
  readonly files: readonly string[];
  readonly passphraseFile: string | undefined;
  readonly draft: MetadataReport;
}

/** Everything is made in a folder of its own first: what is refused half-way leaves nothing. */
async function setUp(
  directory: string,
  answers: Answers,
  options: {
    readonly environment: NodeJS.ProcessEnv;
    readonly bits: 2048 | 3072 | 4096;
    readonly years: number;
    readonly storeUrl: string;
  },
): Promise<Made> {
  const given = options.environment[PASSPHRASE_VARIABLE];
  const passphrase = given ?? randomBytes(24).toString('base64url');
  refuseShortPassphrase(passphrase);
  const workshop = join(directory, `.init-${randomBytes(6).toString('hex')}`);
  mkdirSync(workshop, { recursive: true, mode: 0o700 });
  try {
    if (given === undefined)
      writeFileSync(join(workshop, PASSPHRASE_FILE), `${passphrase}\n`, { mode: 0o600 });
    const source = given === undefined ? { file: PASSPHRASE_FILE } : { env: PASSPHRASE_VARIABLE };
    const file = join(workshop, 'gateway.yaml');
    writeFileSync(file, configurationFile(answers, { passphrase: source, storeUrl: options.storeUrl }));
    chmodSync(file, 0o640);
    const configuration = loadConfiguration(file, options.environment);
    await createKeys(configuration.keys.directory, {
      passphrase,
      clock: systemClock,
      rsaBits: options.bits,
      years: options.years,
      certificates: certificateSubjects(configuration.entities as readonly EntityDeclaration[]),
    });
    const draft = await firstDraft(configuration, entityOf(answers).id);
    const files = readdirSync(workshop).sort();
    refuseToOverwrite(directory);
    for (const name of files) renameSync(join(workshop, name), join(directory, name));
    const passphraseFile = given === undefined ? join(directory, PASSPHRASE_FILE) : undefined;
    return { files, passphraseFile, draft };
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** @throws Refused `metadata_invalid` when the draft would not be accepted */
async function firstDraft(configuration: Configuration, id: string): Promise<MetadataReport> {
  return withWorkbench(configuration, { clock: systemClock, follow: true }, async ({ lifeCycle }) => {
    await lifeCycle.draft(id);
    const report = await lifeCycle.check(id);
    if (report.acceptable) return report;
    const lines = wordedReport('en', report).findings.map(
      ({ id: rule, rule: source, at, found, allowed }) =>
        `  ${rule} ${at}: found ${found}; allowed: ${allowed} (${source})`,
    );
    throw new Refused('metadata_invalid', `The metadata would break rules of AgID's:\n${lines.join('\n')}`);
  });
}

/** @throws Refused `init_exists` when there is anything that belongs to a gateway already */
function refuseToOverwrite(directory: string): void {
  const there = ['gateway.yaml', 'keys', 'data', PASSPHRASE_FILE].filter((name) =>
    existsSync(join(directory, name)),
  );
  if (there.length === 0) return;
  throw new Refused(
    'init_exists',
    `${directory} holds ${there.join(', ')} already; nothing was written. Set up another folder with --directory, or change what is there by hand.`,
    { status: 409 },
  );
}

/** @throws Refused `init_invalid` naming every flag and the rule that its value breaks */
function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const said = faults.map(
    ({ flag, found, allowed, rule }) => `  --${flag}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  throw new Refused('init_invalid', `Nothing was written:\n${said.join('\n')}`, { status: 422 });
}

function lines(directory: string, { files }: Made, steps: readonly Step[]): string[] {
  return [
    `Made in ${directory}: ${files.join(', ')}.`,
    "The first draft of the metadata keeps every rule of AgID's.",
    '',
    'What is left to do:',
    ...steps.flatMap(({ what, commands }, at) => [
      `${String(at + 1).padStart(2)}. ${what}`,
      ...commands.map((command) => `      ${command}`),
    ]),
  ];
}
