import { parseArgs } from 'node:util';
import { closeReport, listReports, REPORT_OUTCOMES } from '../../register/accesses.ts';
import { print } from '../output.ts';
import { complain, operator, withRegister } from './open.ts';

/** `register cases list|close`: the accesses that citizens said were not theirs. */
export async function runCases(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      all: { type: 'boolean', default: false },
      as: { type: 'string' },
      outcome: { type: 'string' },
    },
  });
  const [action, id] = positionals;
  return withRegister(values.config, environment, async ({ store, clock, trail }) => {
    if (action === 'list') {
      for (const report of await listReports(store.db, values.all)) {
        const state =
          report.closed_by === null ? 'open' : `${report.outcome ?? 'closed'}, closed by ${report.closed_by}`;
        const at = new Date(report.reported_at).toISOString();
        print(`${report.id}  ${at}  ${report.client_id}  ${report.reference}  ${state}`);
      }
      return 0;
    }
    const outcome = REPORT_OUTCOMES.find((one) => one === values.outcome);
    const by = values.as;
    if (action !== 'close' || !id || !by || !outcome)
      return complain(`cases: list [--all], close ID --as NAME --outcome ${REPORT_OUTCOMES.join('|')}`);
    await store.transaction(async (transaction) => {
      await closeReport(transaction, id, outcome, by, clock.now());
      await trail.append(transaction, {
        at: clock.now(),
        action: 'register.close-case',
        target: { kind: 'access-report', id },
        after: { outcome },
        ...operator(by),
      });
    });
    return 0;
  });
}
