import { parseArgs } from 'node:util';
import { closeReport, listReports } from '../../register/accesses.ts';
import { complain, print, withRegister } from './open.ts';

/** `register cases list|close`: the accesses that citizens said were not theirs. */
export async function runCases(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      all: { type: 'boolean', default: false },
      as: { type: 'string' },
    },
  });
  const [action, id] = positionals;
  return withRegister(values.config, environment, async ({ store, clock }) => {
    if (action === 'list') {
      for (const report of await listReports(store.db, values.all)) {
        const state = report.closed_by === null ? 'open' : `closed by ${report.closed_by}`;
        const at = new Date(report.reported_at).toISOString();
        print(`${report.id}  ${at}  ${report.client_id}  ${report.reference}  ${state}`);
      }
      return 0;
    }
    if (action !== 'close' || !id || !values.as) return complain('cases: list [--all], close ID --as NAME');
    await closeReport(store.db, id, values.as, clock.now());
    return 0;
  });
}
