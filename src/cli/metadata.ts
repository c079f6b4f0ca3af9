import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { MetadataDesk } from '../admin/metadata-desk.ts';
import type { By } from '../audit/entry.ts';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { metadataBatch } from '../entities/batch.ts';
import { checkMetadata, type MetadataReport } from '../entities/metadata-check/check.ts';
import type { SealedVersion } from '../entities/metadata-versions.ts';
import { assembleFederation } from '../gateway/federation.ts';
import { loadTestLogins } from '../gateway/test-logins.ts';
import { withWorkbench, type Workbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { createLog } from '../operations/log.ts';
import { wordedReport } from '../web/messages/metadata-findings.ts';
import { complain, day, named, noAction, show, table } from './output.ts';

export const USAGE = `metadata list [ENTITY]                       every version and where it is in force
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
  readonly by: By;
}

type Action = (bench: Workbench, desk: MetadataDesk, call: Call) => Promise<number>;

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
    },
  });
  const [action = '', ...ids] = positionals;
  const { json } = values;
  if (action === 'check' && values.file !== undefined) return checkFile(values.file, json);
  const version = values.version === undefined ? undefined : Number(values.version);
  if (version !== undefined && !(Number.isInteger(version) && version > 0))
    return complain('metadata', `--version: found ${values.version}; allowed: a number from 1`);
  const run = named(ACTIONS, action);
  if (!run && action !== 'list' && action !== 'export') return noAction('metadata', action);
  if (run && ids.length !== 1) return complain('metadata', `${action}: name one entity`);
  if (VERSIONED.includes(action) && version === undefined)
    return complain('metadata', `${action}: say which with --version`);
  if (action === 'export' && values.out === undefined)
    return complain('metadata', 'export: say where with --out');
  const configuration = loadConfiguration(values.config, environment);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, async (bench) => {
    if (action === 'list') return list(bench, ids, json);
    if (action === 'export') return exportBatch(bench, ids, values.out ?? '', json);
    const [entity = ''] = ids;
    const by = { actor: { kind: 'operator', name: userInfo().username }, via: 'command-line' } as const;
    const desk = await deskFor(configuration, bench);
    return run ? run(bench, desk, { entity, version, provider: values.provider, json, by }) : 2;
  });
}

const VERSIONED: readonly string[] = ['submitted', 'in-force', 'withdraw'];

const ACTIONS: Readonly<Record<string, Action>> = {
  async draft({ lifeCycle }, desk, { entity, json, by }) {
    await desk.draft(entity, by);
    const report = await lifeCycle.check(entity);
    show(json, { entity, ...wordedReport('en', report) }, [
      `The draft of ${entity} is made.`,
      ...reportLines(report),
      report.acceptable
        ? `Next: metadata diff ${entity}, metadata seal ${entity}`
        : `Mend what is declared, then once more: metadata draft ${entity}`,
    ]);
    return report.acceptable ? 0 : 1;
  },
  async check({ lifeCycle }, _desk, { entity, json }) {
    const report = await lifeCycle.check(entity);
    show(json, wordedReport('en', report), reportLines(report));
    return report.acceptable ? 0 : 1;
  },
  async diff({ lifeCycle }, _desk, { entity, json }) {
    const differences = await lifeCycle.differences(entity);
    const lines = differences.flatMap(({ what, before, after }) => [
      what,
      ...(before === undefined ? [] : [`  - ${before}`]),
      ...(after === undefined ? [] : [`  + ${after}`]),
    ]);
    show(json, differences, lines.length > 0 ? lines : ['Nothing would change.']);
    return 0;
  },
  async preview(_bench, desk, { entity, json, by }) {
    const url = await desk.preview(entity, by);
    show(json, { entity, url }, [url]);
    return 0;
  },
  async 'revoke-preview'(_bench, desk, { entity, json, by }) {
    await desk.endPreview(entity, by);
    show(json, { entity }, [`The preview of ${entity} has ended.`]);
    return 0;
  },
  async seal({ entities }, desk, { entity, json, by }) {
    const version = await desk.seal(entity, by);
    show(json, { entity, version }, [
      `Version ${version} of ${entity} is sealed. Send AgID ${entities.get(entity)?.entityId}, then:`,
      `metadata submitted ${entity} --version ${version}`,
    ]);
    return 0;
  },
  async show({ entities }, _desk, { entity, version }) {
    const bytes =
      version === undefined
        ? await entities.versions.served(entity)
        : await entities.versions.bytes(entity, version);
    if (!bytes) throw new Misconfigured('metadata_missing', `entity ${entity} has no sealed metadata yet`);
    process.stdout.write(bytes);
    return 0;
  },
  async submitted(_bench, desk, { entity, version = 0, json, by }) {
    await desk.submitted(entity, version, by);
    show(json, { entity, version }, [
      `Version ${version} of ${entity} was submitted. When AgID has confirmed: metadata in-force ${entity} --version ${version}`,
    ]);
    return 0;
  },
  async 'in-force'(_bench, desk, { entity, version = 0, provider, json, by }) {
    await desk.putInForce(entity, version, provider, by);
    show(json, { entity, version, provider }, [
      `Version ${version} of ${entity} is in force ${provider ? `at ${provider}` : 'everywhere'}.`,
    ]);
    return 0;
  },
  async withdraw(_bench, desk, { entity, version = 0, json, by }) {
    await desk.withdraw(entity, version, by);
    show(json, { entity, version }, [`Version ${version} of ${entity} is withdrawn.`]);
    return 0;
  },
};

/** A provider that the metadata may be in force at is one of the citizens', or one that test logins are open for. */
async function deskFor(
  configuration: Configuration,
  { entities, lifeCycle, keys, store }: Workbench,
): Promise<MetadataDesk> {
  const options = { clock: systemClock, log: createLog({ level: 'silent' }) };
  const federation = assembleFederation(configuration, options, { store, keys });
  await federation.load();
  const { testLogin } = configuration.sources.spid;
  const tests = loadTestLogins(testLogin, federation.providers, keys.cipher, options);
  const listed = (id: string) => federation.providers.listed(id) ?? tests?.providers.listed(id);
  return new MetadataDesk({
    entities,
    lifeCycle,
    store,
    trail: new AuditTrail(keys),
    clock: systemClock,
    web: configuration,
    federation: { providers: { listed } },
  });
}

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
      row.entity,
      String(row.version),
      day(row.sealedAt),
      day(row.submittedAt),
      inForceWords(row),
      day(row.withdrawnAt),
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
    : [`It breaks rules${profile === undefined ? '' : ` (profile ${profile})`}:`, ...lines];
}
