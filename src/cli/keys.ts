import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { certificateSubjects } from '../entities/certificate-subject.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { checkCertificate, type CertificateViolation } from '../keys/certificate-check.ts';
import { createKeys, loadKeys, type KeyCreation, type KeyFacts, type KeyRing } from '../keys/directory.ts';
import { keyProblems, type KeyProblem } from '../keys/expiry.ts';
import { systemClock, type Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';

/** Whoever gets hold of the key files tries passphrases at leisure, in characters. */
const SHORTEST_PASSPHRASE = 16;

/**
 * `keys create` makes what is missing in the key directory; `keys show` lists what is there, never anything secret.
 * @returns 0 done, 1 a key needs its operator (show), 2 wrongly called
 */
export async function runKeys(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      bits: { type: 'string', default: '3072' },
      years: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
    },
  });
  const [action] = positionals;
  if ((action !== 'create' && action !== 'show') || positionals.length > 1) {
    return complain('say what to do: create or show');
  }
  const [rsaBits, years] = [Number(values.bits), Number(values.years)];
  if (rsaBits !== 2048 && rsaBits !== 3072 && rsaBits !== 4096) {
    return complain(`--bits: found ${values.bits}; allowed: 2048, 3072 or 4096`);
  }
  if (!Number.isInteger(years) || years < 1 || years > 10) {
    return complain(`--years: found ${values.years}; allowed: 1 to 10`);
  }
  const configuration = loadConfiguration(values.config, environment);
  const output = { json: values.json, clock: systemClock };
  return action === 'create'
    ? create(configuration, { rsaBits, years, ...output })
    : show(configuration, output);
}

interface Output {
  readonly json: boolean;
  readonly clock: Clock;
}

async function create(
  configuration: Configuration,
  { json, ...options }: Output & Pick<KeyCreation, 'rsaBits' | 'years'>,
): Promise<number> {
  const { directory, passphrase } = configuration.keys;
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new Misconfigured(
      'passphrase_weak',
      `keys.passphrase: found ${passphrase.length} characters; allowed: ${SHORTEST_PASSPHRASE} or more, random ones`,
    );
  }
  const certificates = certificateSubjects(configuration.entities as readonly EntityDeclaration[]);
  const written = await createKeys(directory, { passphrase, certificates, ...options });
  if (json) print(JSON.stringify({ directory, written }));
  else if (written.length === 0) print(`Nothing is missing in ${directory}.`);
  else print(`Made in ${directory}:\n  ${written.join('\n  ')}`);
  return 0;
}

async function show(configuration: Configuration, { json, clock }: Output): Promise<number> {
  const { directory, passphrase } = configuration.keys;
  const keys = loadKeys(directory, { passphrase });
  const violations = await certificateViolations(configuration, keys, clock);
  const problems = [...keyProblems(keys.inventory(), clock.now()), ...violations];
  if (json) print(JSON.stringify({ keys: keys.inventory(), problems }, null, 2));
  else print([...table(keys.inventory()), ...problemLines(problems)].join('\n'));
  return problems.length === 0 ? 0 : 1;
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

function table(inventory: readonly KeyFacts[]): string[] {
  const day = (date: Date | undefined) => date?.toISOString().slice(0, 10) ?? '–';
  const rows = inventory.map(({ kind, id, created, expires, fingerprint }) => [
    ...[kind, id, day(created), day(expires)],
    fingerprint ?? '–',
  ]);
  const all = [['kind', 'id', 'created', 'expires', 'SHA-256 of the certificate'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

function problemLines(problems: readonly KeyProblem[]): string[] {
  if (problems.length === 0) return [];
  return ['', 'To be seen to:', ...problems.map(({ kind, id, problem }) => `  ${kind} ${id}: ${problem}`)];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(message: string): number {
  process.stderr.write(`keys: ${message}\n`);
  return 2;
}
