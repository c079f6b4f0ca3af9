import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { certificateSubjects } from '../entities/certificate-subject.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { checkCertificate, type CertificateViolation } from '../keys/certificate-check.ts';
import { createKeys, loadKeys, type KeyCreation, type KeyFacts, type KeyRing } from '../keys/directory.ts';
import { addTurns, setAside } from '../keys/rotation.ts';
import { demandedTurn } from '../keys/schedule.ts';
import { ExpiryCalendar } from '../gateway/calendar.ts';
import { pressing, problemOf, type DatedEntry } from '../keys/calendar.ts';
import { systemClock, type Clock } from '../operations/clock.ts';
import { createLog } from '../operations/log.ts';
import { assembleFederation } from '../gateway/federation.ts';
import { openStore } from '../store/store.ts';
import { complain, day, named, show, table } from './output.ts';
import { refuseShortPassphrase } from './passphrase.ts';
import { rewrap } from './rewrap.ts';

export const USAGE = `keys create [--bits 3072] [--years 2]   make what is missing
keys show                              every key and certificate, never anything secret
keys calendar                          when each of them ends, and those of providers, registry and proxy
keys rotate [--now]                    make the next keys for tokens and cookies: they sign after the notice in
                                       keys.rotation.announceDays; --now: in a minute, which every service can follow
keys withdraw ID                       put a key aside at once that signed tokens or cookies and was stolen: what it
                                       signed is refused from then on
keys rewrap [--dry-run]                write again, under the present passphrase and master key, what opens only with
                                       keys.previousPassphrase or register.previousMasterKey (docs/keys.md)

Options: --config gateway.yaml, --json. Exit codes: 0 done, 1 refused, or something needs its operator (show, calendar), 2 wrongly called.
`;

interface KeyProblem {
  readonly kind: string;
  readonly id: string;
  readonly problem: string;
}

interface Call {
  readonly configuration: Configuration;
  readonly argument: string | undefined;
  readonly rsaBits: KeyCreation['rsaBits'];
  readonly years: number;
  readonly now: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly clock: Clock;
}

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  create,
  show: showKeys,
  calendar: showCalendar,
  rotate,
  withdraw,
  rewrap,
};

/** One thumbprint in 64 begins with the sign that options begin with. */
const LIKE_AN_OPTION = /^-[\w-]{42}$/;

/** Puts ids where nothing is an option any more. */
function idsLast(args: readonly string[]): string[] {
  const ids = args.filter((arg) => LIKE_AN_OPTION.test(arg));
  return ids.length === 0 ? [...args] : [...args.filter((arg) => !ids.includes(arg)), '--', ...ids];
}

/** The keys of the gateway, made and looked after. */
export async function runKeys(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: idsLast(args),
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      bits: { type: 'string', default: '3072' },
      years: { type: 'string', default: '2' },
      now: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [action = '', argument, ...more] = positionals;
  const run = named(ACTIONS, action);
  if (!run || more.length > 0 || (action === 'withdraw') !== (argument !== undefined))
    return complain('keys', 'say what to do: create, show, calendar, rotate, rewrap, or withdraw and which');
  const [rsaBits, years] = [Number(values.bits), Number(values.years)];
  if (rsaBits !== 2048 && rsaBits !== 3072 && rsaBits !== 4096)
    return complain('keys', `--bits: found ${values.bits}; allowed: 2048, 3072 or 4096`);
  if (!Number.isInteger(years) || years < 1 || years > 10)
    return complain('keys', `--years: found ${values.years}; allowed: 1 to 10`);
  const configuration = loadConfiguration(values.config, environment);
  const { now, json, 'dry-run': dryRun } = values;
  return run({ configuration, argument, rsaBits, years, now, dryRun, json, clock: systemClock });
}

async function create({ configuration, rsaBits, years, clock, json }: Call): Promise<number> {
  const { directory, passphrase, previousPassphrase } = configuration.keys;
  refuseShortPassphrase(passphrase);
  const certificates = certificateSubjects(configuration.entities as readonly EntityDeclaration[]);
  const written = await createKeys(directory, {
    passphrase,
    previousPassphrase,
    certificates,
    rsaBits,
    years,
    clock,
  });
  show(json, { directory, written }, [
    written.length === 0
      ? `Nothing is missing in ${directory}.`
      : `Made in ${directory}:\n  ${written.join('\n  ')}`,
  ]);
  return 0;
}

async function showKeys({ configuration, json, clock }: Call): Promise<number> {
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const inventory = keys.inventory(clock.now());
  const violations = await certificateViolations(configuration, keys, clock);
  const calendar = new ExpiryCalendar(configuration, keys, { all: () => [] });
  const ending = pressing(calendar.on(clock.now())).map((entry) => ({
    kind: entry.kind,
    id: entry.id,
    problem: problemOf(entry),
  }));
  const problems: readonly KeyProblem[] = [...ending, ...violations];
  show(json, { keys: inventory, problems }, [...keyTable(inventory), ...problemLines(problems)]);
  return problems.length === 0 ? 0 : 1;
}

/** Also what others look after: identity providers, the registry, certificates that are watched. */
async function showCalendar({ configuration, json, clock }: Call): Promise<number> {
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, clock);
  try {
    const log = createLog({ level: 'silent' });
    const federation = assembleFederation(configuration, { clock, log }, { store, keys });
    await federation.load();
    const pinned = () => federation.pins?.known ?? [];
    const dated = new ExpiryCalendar(configuration, keys, federation.providers, pinned).on(clock.now());
    show(json, dated.map(described), [...calendarTable(dated)]);
    return pressing(dated).length === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}

/** For programs: with the sentence that people read. */
function described(entry: DatedEntry): object {
  return { ...entry, ...(entry.stage === undefined ? {} : { problem: problemOf(entry) }) };
}

function calendarTable(dated: readonly DatedEntry[]): string[] {
  const rows = dated.map((entry) => [
    day(entry.ends),
    String(entry.days),
    entry.kind,
    entry.id,
    entry.stage === undefined ? '' : problemOf(entry),
  ]);
  return table([['ends', 'days', 'kind', 'id', 'to be seen to'], ...rows]);
}

async function rotate({ configuration, now: hurry, json, clock }: Call): Promise<number> {
  const { directory, passphrase, previousPassphrase, rotation } = configuration.keys;
  const now = clock.now();
  const { rotating } = loadKeys(directory, configuration.keys);
  const next = demandedTurn(rotating.facts(now), rotation, { now, hurry });
  if (!next) {
    const from = rotating.facts(now).find(({ state }) => state === 'published')?.from;
    show(json, { directory, written: [], from }, [
      `The next keys are published already and sign from ${from?.toISOString()}. Sooner: --now`,
    ]);
    return 0;
  }
  const written = await addTurns(directory, { ...next, passphrase, previousPassphrase, now });
  show(json, { directory, written, from: next.from }, [
    `Made in ${directory}:\n  ${written.join('\n  ')}`,
    `They sign from ${next.from.toISOString()}. Running gateways take them up by themselves.`,
  ]);
  return 0;
}

async function withdraw({ configuration, argument = '', json, clock }: Call): Promise<number> {
  const { directory } = configuration.keys;
  const { rotating } = loadKeys(directory, configuration.keys);
  const file = rotating.withdrawable(argument, clock.now());
  setAside(directory, file);
  show(json, { directory, file }, [
    `${file} is put aside: what it signed is refused from now on. Running gateways notice within ten seconds.`,
  ]);
  return 0;
}

/** Also certificates that others made are held against the rules. Dates are left to the list of problems. */
async function certificateViolations(
  { entities }: Configuration,
  keys: KeyRing,
  clock: Clock,
): Promise<KeyProblem[]> {
  const subjects = Object.entries(certificateSubjects(entities as readonly EntityDeclaration[]));
  const missing = subjects.filter(([id]) => keys.saml.of(id).length === 0);
  const found = await Promise.all(
    subjects.flatMap(([id, subject]) =>
      keys.saml.of(id).map(async ({ certificate }) => {
        const violations = await checkCertificate(Buffer.from(certificate, 'base64'), subject, clock.now());
        return violations
          .filter(({ key }) => key !== 'validity')
          .map((violation) => ({ kind: 'saml' as const, id, problem: sentence(violation) }));
      }),
    ),
  );
  return [
    ...missing.map(([id]) => ({ kind: 'saml' as const, id, problem: 'no key; make it with: keys create' })),
    ...found.flat(),
  ];
}

function sentence({ key, found, allowed, rule }: CertificateViolation): string {
  return `${key}: found ${found}; allowed: ${allowed} (${rule})`;
}

function keyTable(inventory: readonly KeyFacts[]): string[] {
  const rows = inventory.map(({ kind, id, created, expires, fingerprint, turn }) => [
    kind,
    id,
    day(created),
    day(expires),
    fingerprint ?? turnWords(turn),
  ]);
  return table([['kind', 'id', 'created', 'expires', 'SHA-256 of the certificate, or its turn'], ...rows]);
}

function turnWords(turn: KeyFacts['turn']): string {
  if (!turn) return '–';
  if (turn.state === 'published') return `published, signs from ${turn.from?.toISOString()}`;
  if (turn.state === 'signs') return 'signs';
  return `understood until ${turn.until?.toISOString() ?? 'it is taken away'}`;
}

function problemLines(problems: readonly KeyProblem[]): string[] {
  if (problems.length === 0) return [];
  return ['', 'To be seen to:', ...problems.map(({ kind, id, problem }) => `  ${kind} ${id}: ${problem}`)];
}
