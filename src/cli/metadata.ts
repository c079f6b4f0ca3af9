import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { metadataBatch } from '../entities/batch.ts';
import { checkMetadata, type MetadataReport } from '../entities/metadata-check/check.ts';
import type { SealedVersion } from '../entities/metadata-versions.ts';
import { withWorkbench, type Workbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { wordedReport } from '../web/messages/metadata-findings.ts';
import { complain, day, show, table } from './output.ts';

const USAGE = `metadata list [ENTITY]                       every version and where it is in force
metadata draft ENTITY                        write and sign what the metadata would say now
metadata check ENTITY | --file FILE          hold the draft, or any file, against AgID's rules
metadata diff ENTITY                         what the draft changes of what is served
metadata preview ENTITY                      a secret address of the draft, e.g. for AgID's validator
metadata revoke-preview ENTITY               end that address
metadata seal ENTITY                         make the draft a version, for ever as it is
metadata show ENTITY [--version N]           the XML
metadata export --out FILE.zip [ENTITY…]     what was not sent yet, for one mail to AgID
metadata submitted ENTITY --version N        note that it was sent to AgID
metadata in-force ENTITY --version N [--provider ENTITYID]
                                             note that providers have it: requests are made from it
metadata withdraw ENTITY --version N         take a version back that is not in force

Options: --config gateway.yaml, --json. Exit codes: 0 done, 1 refused or rules broken, 2 wrongly called.
`;

interface Call {
  readonly entity: string;
  readonly version: number | undefined;
  readonly provider: string | undefined;
  readonly json: boolean;
  readonly publicUrl: string;
}

type Action = (bench: Workbench, call: Call) => Promise<number>;

/** The way of an entity's metadata, step by step. */
export async function runMetadata(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
      version: { type: 'string' },
      provider: { type: 'string' },
      file: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [action = '', ...ids] = positionals;
  if (values.help || action === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const { json } = values;
  if (action === 'check' && values.file !== undefined) return checkFile(values.file, json);
  const version = values.version === undefined ? undefined : Number(values.version);
  if (version !== undefined && !(Number.isInteger(version) && version > 0))
    return complain('metadata', `--version: found ${values.version}; allowed: a number from 1`);
  const run = ACTIONS[action];
  if (!run && action !== 'list' && action !== 'export')
    return complain('metadata', `there is no "${action}"\n${USAGE}`);
  if (run && ids.length !== 1) return complain('metadata', `${action}: name one entity`);
  if (VERSIONED.includes(action) && version === undefined)
    return complain('metadata', `${action}: say which with --version`);
  if (action === 'export' && values.out === undefined)
    return complain('metadata', 'export: say where with --out');
  const configuration = loadConfiguration(values.config, environment);
  const { publicUrl } = configuration;
  return withWorkbench(configuration, { clock: systemClock, follow: true }, async (bench) => {
    if (action === 'list') return list(bench, ids, json);
    if (action === 'export') return exportBatch(bench, ids, values.out ?? '', json);
    const [entity = ''] = ids;
    return run ? run(bench, { entity, version, provider: values.provider, json, publicUrl }) : 2;
  });
}

const VERSIONED: readonly string[] = ['submitted', 'in-force', 'withdraw'];

const ACTIONS: Readonly<Record<string, Action>> = {
  async draft({ lifeCycle }, { entity, json }) {
    const draft = await lifeCycle.draft(entity);
    const report = await lifeCycle.check(entity);
    show(json, { entity, createdAt: draft.createdAt, ...wordedReport('en', report) }, [
      `The draft of ${entity} is made.`,
      ...reportLines(report),
    ]);
    return report.acceptable ? 0 : 1;
  },
  async check({ lifeCycle }, { entity, json }) {
    const report = await lifeCycle.check(entity);
    show(json, wordedReport('en', report), reportLines(report));
    return report.acceptable ? 0 : 1;
  },
  async diff({ lifeCycle }, { entity, json }) {
    const differences = await lifeCycle.differences(entity);
    const lines = differences.flatMap(({ what, before, after }) => [
      what,
      ...(before === undefined ? [] : [`  - ${before}`]),
      ...(after === undefined ? [] : [`  + ${after}`]),
    ]);
    show(json, differences, lines.length > 0 ? lines : ['Nothing would change.']);
    return 0;
  },
  async preview({ lifeCycle }, { entity, json, publicUrl }) {
    const url = `${publicUrl}${await lifeCycle.preview(entity)}`;
    show(json, { entity, url }, [url]);
    return 0;
  },
  async 'revoke-preview'({ lifeCycle }, { entity, json }) {
    await lifeCycle.revokePreview(entity);
    show(json, { entity }, [`The preview of ${entity} has ended.`]);
    return 0;
  },
  async seal({ lifeCycle }, { entity, json }) {
    const version = await lifeCycle.seal(entity);
    show(json, { entity, version }, [`Version ${version} of ${entity} is sealed.`]);
    return 0;
  },
  async show({ entities }, { entity, version }) {
    const bytes =
      version === undefined
        ? await entities.versions.served(entity)
        : await entities.versions.bytes(entity, version);
    if (!bytes) throw new Misconfigured('metadata_missing', `entity ${entity} has no sealed metadata yet`);
    process.stdout.write(bytes);
    return 0;
  },
  async submitted({ entities }, { entity, version = 0, json }) {
    await entities.versions.submitted(entity, version);
    show(json, { entity, version }, [`Version ${version} of ${entity} was submitted.`]);
    return 0;
  },
  async 'in-force'({ entities }, { entity, version = 0, provider, json }) {
    await entities.versions.putInForce(entity, version, provider);
    show(json, { entity, version, provider }, [
      `Version ${version} of ${entity} is in force ${provider ? `at ${provider}` : 'everywhere'}.`,
    ]);
    return 0;
  },
  async withdraw({ entities }, { entity, version = 0, json }) {
    await entities.versions.withdraw(entity, version);
    show(json, { entity, version }, [`Version ${version} of ${entity} is withdrawn.`]);
    return 0;
  },
};

async function list({ entities }: Workbench, ids: readonly string[], json: boolean): Promise<number> {
  const chosen = ids.length > 0 ? ids : entities.list().map(({ id }) => id);
  const all = await Promise.all(
    chosen.map(async (id) =>
      (await entities.versions.list(id)).map((version) => ({ entity: id, ...version })),
    ),
  );
  const rows = all
    .flat()
    .map((row) => [
      ...[row.entity, String(row.version), day(row.sealedAt), day(row.submittedAt)],
      ...[inForceWords(row), day(row.withdrawnAt)],
    ]);
  show(
    json,
    all.flat(),
    table([['entity', 'version', 'sealed', 'submitted', 'in force', 'withdrawn'], ...rows]),
  );
  return 0;
}

function inForceWords({ inForce }: SealedVersion): string {
  if (inForce.length === 0) return '–';
  return inForce.map(({ provider, since }) => `${day(since)} ${provider ?? 'everywhere'}`).join(', ');
}

async function exportBatch(
  { entities }: Workbench,
  ids: readonly string[],
  out: string,
  json: boolean,
): Promise<number> {
  const { zip, summary } = await metadataBatch(entities, systemClock.now(), ids);
  writeFileSync(out, zip, { flag: 'wx' });
  show(json, { out, ...summary }, [
    `${out} holds ${summary.metadata.map(({ file }) => file).join(', ')} and summary.json.`,
    'Send it to AgID, then note each: metadata submitted ENTITY --version N',
  ]);
  return 0;
}

async function checkFile(file: string, json: boolean): Promise<number> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
  const report = await checkMetadata(bytes, { now: systemClock.now(), production: true });
  show(json, wordedReport('en', report), reportLines(report));
  return report.acceptable ? 0 : 1;
}

function reportLines(report: MetadataReport): string[] {
  const { findings, profile } = wordedReport('en', report);
  const lines = findings.map(
    ({ id, severity, at, found, allowed, rule }) =>
      `  ${id} ${severity}: ${at}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  return lines.length === 0
    ? [`It keeps every rule (profile ${profile}).`]
    : [`Profile ${profile}:`, ...lines];
}
