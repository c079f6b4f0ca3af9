import { parseArgs } from 'node:util';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { openStore } from '../store/store.ts';
import { noAction } from './output.ts';

export const USAGE = `audit verify     whether any entry of the audit trail was removed or altered
audit export     all entries as JSON lines, oldest first (docs/console.md)

Options: --config gateway.yaml. Exit codes: 0 whole, or done, 1 not whole, or refused, 2 wrongly called.
`;

/** `audit verify` finds every removed or altered entry; `audit export` writes all of them as JSON lines. */
export async function runAudit(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', default: 'gateway.yaml' } },
  });
  const [what, ...rest] = positionals;
  if ((what !== 'verify' && what !== 'export') || rest.length > 0)
    return noAction('audit', positionals.join(' '));
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const trail = new AuditTrail(keys);
    if (what === 'export') {
      for await (const entry of trail.all(store.db)) process.stdout.write(`${JSON.stringify(entry)}\n`);
      return 0;
    }
    const { entries, faults } = await trail.verify(store.db);
    for (const { seq, fault } of faults) process.stderr.write(`entry ${seq}: ${fault}\n`);
    process.stdout.write(`${entries} entries, ${faults.length} faults\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}
