import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { subjectOf } from '../entities/certificate-subject.ts';
import { keyIdOf, type EntityDeclaration } from '../entities/entity.ts';
import type { Publication } from '../entities/publication.ts';
import { withWorkbench, type Workbench } from '../gateway/workbench.ts';
import { checkCertificate, type ExpectedCertificate } from '../keys/certificate-check.ts';
import { OID, type CertificateSubject } from '../keys/certificate.ts';
import { addKey, importCertificate, requestCertificate, type KeyPlace } from '../keys/rollover.ts';
import { retireKey, type SamlKey } from '../keys/saml-keys.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured, Refused } from '../operations/errors.ts';
import { complain, day, named, noAction, show, table } from './output.ts';

export const USAGE = `cert list                       every SAML key, and whether metadata in force publishes it
cert create ENTITY              a further key with a SPID-compliant self-signed certificate
cert csr ENTITY                 a further key, and the request for its certificate to AgID
cert import ENTITY --certificate FILE [--key FILE]
                                the certificate for a key that waits, or one with its key
cert check FILE [--entity ID]   hold any certificate against AgID's rules
cert retire NAME                put a key aside once a newer one signs everywhere

Options: --aggregator (with the aggregator's policy), --bits 3072, --years 2, --config gateway.yaml, --json.
Exit codes: 0 done, 1 refused or rules broken, 2 wrongly called.
`;

interface Call {
  readonly configuration: Configuration;
  readonly argument: string;
  readonly aggregator: boolean;
  readonly rsaBits: 2048 | 3072 | 4096;
  readonly years: number;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly json: boolean;
}

/** Certificates of bodies, and the change from one key to the next without a pause (docs/entities.md). */
export async function runCert(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
      aggregator: { type: 'boolean', default: false },
      bits: { type: 'string', default: '3072' },
      years: { type: 'string', default: '2' },
      certificate: { type: 'string' },
      key: { type: 'string' },
      entity: { type: 'string' },
    },
  });
  const [action = '', argument = '', ...more] = positionals;
  const [rsaBits, years] = [Number(values.bits), Number(values.years)];
  if (rsaBits !== 2048 && rsaBits !== 3072 && rsaBits !== 4096)
    return complain('cert', `--bits: found ${values.bits}; allowed: 2048, 3072 or 4096`);
  if (!Number.isInteger(years) || years < 1 || years > 10)
    return complain('cert', `--years: found ${values.years}; allowed: 1 to 10`);
  const run = named(ACTIONS, action);
  if (!run && action !== 'check') return noAction('cert', action);
  if (more.length > 0 || (action === 'list') !== (argument === ''))
    return complain('cert', action === 'list' ? 'list: takes no name' : `${action}: name exactly one`);
  if (action === 'import' && values.certificate === undefined)
    return complain('cert', 'import: say which with --certificate');
  const { aggregator, json } = values;
  if (action === 'check' && values.entity === undefined) return check(argument, anyBody(aggregator), json);
  const configuration = loadConfiguration(values.config, environment);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, (bench) => {
    if (!run) return check(argument, { ...bodyOf(bench, values.entity ?? '', aggregator) }, json);
    const { certificate, key } = values;
    return run(bench, { configuration, argument, aggregator, rsaBits, years, certificate, key, json });
  });
}

const ACTIONS: Readonly<Record<string, (bench: Workbench, call: Call) => Promise<number>>> = {
  async list({ entities, keys }, { json }) {
    const rows = keys.saml.ids().flatMap((id) =>
      keys.saml.of(id).map(({ name, certificate, facts }) => ({
        entity: id,
        name,
        from: facts.notBefore,
        until: facts.notAfter,
        fingerprint: facts.fingerprint,
        inForceFor: publishedBy(entities, id, certificate),
      })),
    );
    const lines = rows.map((row) => [
      row.entity,
      row.name,
      day(row.from),
      day(row.until),
      row.inForceFor.join(', ') || '–',
    ]);
    show(json, rows, table([['entity', 'key', 'from', 'until', 'in force for'], ...lines]));
    return 0;
  },
  async create(bench, call) {
    const name = await addKey(placeOf(bench, call), { ...call, clock: systemClock });
    await note(bench, call.argument, 'create', name);
    return made(call, name, `Next: metadata draft ${call.argument}; it publishes the old key and this one.`);
  },
  async csr(bench, call) {
    const { name, request } = await requestCertificate(placeOf(bench, call), call.rsaBits);
    show(call.json, { name, request }, [
      `${name}.csr.pem is in the key directory; send it to AgID, then: cert import ${call.argument} --certificate FILE`,
      request.trim(),
    ]);
    return 0;
  },
  async import(bench, call) {
    const { certificate = '', key } = call;
    const name = await importCertificate(placeOf(bench, call), certificate, key, systemClock.now());
    await note(bench, call.argument, 'import', name);
    return made(call, name, `Next: metadata draft ${call.argument}; it publishes this key too.`);
  },
  async retire(bench, { configuration, argument, json }) {
    const { entities, keys } = bench;
    const all = keys.saml.ids().flatMap((id) => keys.saml.of(id).map((key) => ({ id, key })));
    const found = all.find(({ key }) => key.name === argument);
    if (!found)
      throw new Refused('key_unknown', `there is no key ${argument}; see: cert list`, { status: 404 });
    const signs = signsFor(entities, found.id, keys.saml.of(found.id), found.key);
    if (signs.length > 0) {
      throw new Refused('key_in_use', `${argument} still signs for ${signs.join(', ')}`, { status: 409 });
    }
    if (keys.saml.of(found.id).length === 1)
      throw new Refused('key_in_use', `${argument} is the only key of ${found.id}`, { status: 409 });
    retireKey(configuration.keys.directory, argument);
    await note(bench, found.id, 'retire', argument);
    show(json, { retired: argument }, [
      `${argument} is put aside in ${configuration.keys.directory}/retired.`,
    ]);
    return 0;
  },
};

/** What was done to the keys of a body, in the audit trail. */
async function note(
  { keys, store }: Workbench,
  entityId: string,
  action: string,
  key: string,
): Promise<void> {
  const actor = { kind: 'operator', name: userInfo().username } as const;
  await store.transaction((transaction) =>
    new AuditTrail(keys).append(transaction, {
      at: systemClock.now(),
      actor,
      via: 'command-line',
      action: `certificate.${action}`,
      entityId,
      target: { kind: 'entity', id: entityId },
      after: { key },
    }),
  );
}

function made({ json }: Call, name: string, next: string): number {
  show(json, { name }, [`${name} is in the key directory.`, next]);
  return 0;
}

/** The entities of which metadata in force publishes a certificate. */
function publishedBy(entities: Workbench['entities'], keyId: string, certificate: string): string[] {
  return entities
    .list()
    .filter((entity) => keyIdOf(entity) === keyId)
    .filter(({ id }) =>
      entities.allInForce(id).some(({ certificates }) => certificates.includes(certificate)),
    )
    .map(({ id }) => id);
}

/** The entities of which some metadata in force publishes a key and none that is newer. */
function signsFor(
  entities: Workbench['entities'],
  keyId: string,
  keys: readonly SamlKey[],
  key: SamlKey,
): string[] {
  const signer = ({ certificates }: Publication) =>
    keys.findLast(({ certificate }) => certificates.includes(certificate));
  return entities
    .list()
    .filter((entity) => keyIdOf(entity) === keyId)
    .filter(({ id }) => entities.allInForce(id).some((publication) => signer(publication) === key))
    .map(({ id }) => id);
}

function placeOf(bench: Workbench, { configuration, argument, aggregator }: Call): KeyPlace {
  const { directory, passphrase, previousPassphrase } = configuration.keys;
  const subject = bodyOf(bench, argument, aggregator);
  return { directory, passphrase, previousPassphrase, entityId: argument, subject };
}

/** @throws Refused when there is no such body, or it signs with the keys of its aggregator */
function bodyOf({ entities }: Workbench, id: string, aggregator: boolean): CertificateSubject {
  const declarations = entities
    .kept()
    .flatMap(({ declaration, ceasedAt }): EntityDeclaration[] => (ceasedAt ? [] : [declaration]));
  const found = declarations.find((declaration) => declaration.id === id);
  if (!found)
    throw new Refused('entity_unknown', `no entity ${id} takes part; see: entity list`, { status: 404 });
  if (found.aggregator !== undefined)
    throw new Refused('entity_aggregated', `${id} signs with the keys of ${found.aggregator}: name that`);
  return subjectOf(found, aggregator || declarations.some((other) => other.aggregator === id));
}

function anyBody(aggregator: boolean): ExpectedCertificate {
  return {
    policies: aggregator ? [OID.publicAggregator] : [OID.publicServiceProvider, OID.publicAggregator],
  };
}

async function check(file: string, expected: ExpectedCertificate, json: boolean): Promise<number> {
  const violations = await checkCertificate(read(file), expected, systemClock.now());
  const lines = violations.map(
    ({ key, found, allowed, rule }) => `  ${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  show(json, violations, lines.length > 0 ? [`${file}:`, ...lines] : [`${file} keeps every rule.`]);
  return violations.length > 0 ? 1 : 0;
}

/** DER or PEM; what is neither is for the check to say. */
function read(file: string): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
  try {
    return new X509Certificate(bytes).raw;
  } catch {
    return bytes;
  }
}
