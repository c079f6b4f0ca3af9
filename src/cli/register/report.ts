import { parseArgs } from 'node:util';
import { isMonth, monthlyReport, reportCsv } from '../../figures/monthly-report.ts';
import { complain, refuseUnknownEntity, withRegister } from './open.ts';

/** `register report --month 2026-10`: monthly use, without personal data and small numbers, as CSV. */
export async function runReport(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      month: { type: 'string', default: '' },
      entity: { type: 'string' },
    },
  });
  const { month, entity } = values;
  if (!isMonth(month))
    return complain(`report: --month: found "${month}"; allowed: a month, such as 2026-10`);
  return withRegister(values.config, environment, async (room) => {
    if (entity !== undefined) await refuseUnknownEntity(room, entity);
    const lines = await monthlyReport(room.store.db, month, entity === undefined ? undefined : [entity]);
    process.stdout.write(reportCsv(month, lines));
    return 0;
  });
}
