import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import type { CertificateSubject } from '../keys/certificate.ts';
import { createKeys, loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';

/** `keys create` makes what is missing in the key directory, `keys show` lists what is there; never private material. */
export async function runKeys(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      bits: { type: 'string', default: '3072' },
      years: { type: 'string', default: '2' },
    },
  });
  const [action] = positionals;
  if ((action !== 'create' && action !== 'show') || positionals.length > 1) {
    process.stderr.write('keys: say what to do: create or show\n');
    return 2;
  }
  const [rsaBits, years] = [Number(values.bits), Number(values.years)];
  if (rsaBits !== 2048 && rsaBits !== 3072 && rsaBits !== 4096) {
    process.stderr.write(`keys: --bits: found ${values.bits}; allowed: 2048, 3072 or 4096\n`);
    return 2;
  }
  if (!Number.isInteger(years) || years < 1 || years > 10) {
    process.stderr.write(`keys: --years: found ${values.years}; allowed: 1 to 10\n`);
    return 2;
  }
  const configuration = loadConfiguration(values.config, environment);
  const { directory, passphrase } = configuration.keys;
  if (action === 'create') {
    const certificates = Object.fromEntries(
      configuration.entities.map((entity) => [entity.id, subjectOf(entity)]),
    );
    const written = await createKeys(directory, {
      passphrase,
      certificates,
      rsaBits,
      years,
      clock: systemClock,
    });
    process.stdout.write(
      written.length > 0
        ? `Made in ${directory}:\n  ${written.join('\n  ')}\n`
        : `Nothing is missing in ${directory}.\n`,
    );
    return 0;
  }
  const keys = loadKeys(directory, { passphrase });
  for (const { id } of configuration.entities) {
    const { facts } = keys.saml(id);
    process.stdout.write(
      `saml  ${id}  until ${facts.notAfter.toISOString().slice(0, 10)}  SHA-256 ${facts.fingerprint}\n`,
    );
  }
  for (const { alg, kid } of keys.oidc) process.stdout.write(`oidc  ${alg}  kid ${kid}\n`);
  return 0;
}

function subjectOf(
  entity: Awaited<ReturnType<typeof loadConfiguration>>['entities'][number],
): CertificateSubject {
  return {
    commonName: entity.organization.displayName.it,
    organizationName: entity.organization.name.it,
    entityId: entity.entityId,
    ipaCode: entity.contact.ipaCode,
    locality: entity.locality,
  };
}
