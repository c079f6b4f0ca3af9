import type { Configuration } from '../config/schema.ts';
import type { Clock } from '../operations/clock.ts';
import type { Metrics } from '../operations/metrics.ts';
import { dueThrough, overdueRows } from '../register/retention.ts';
import { lastSealedAt } from '../register/seal.ts';
import { oldestMonth, rowCount } from '../register/size.ts';
import { registeredEntities } from '../register/verify.ts';
import type { Store } from '../store/store.ts';
import { retentionMonths } from './register.ts';

/** How each register stands: how large, how old, whether destruction is late, when it was sealed. Read when looked at. */
export function measureRegister(
  metrics: Metrics,
  configuration: Configuration,
  { store: { db }, clock }: { readonly store: Store; readonly clock: Clock },
): void {
  metrics.beforeReading(async () => {
    const entities = await registeredEntities(db);
    const each = (value: (entity: string) => Promise<number>) =>
      Promise.all(entities.map(async (entity) => [{ entity }, await value(entity)] as const));
    metrics.replace('gateway_register_rows', await each((entity) => rowCount(db, entity)));
    metrics.replace(
      'gateway_register_oldest_month_timestamp_seconds',
      await each(async (entity) => {
        const month = await oldestMonth(db, entity);
        return Date.parse(`${month ?? clock.now().toISOString().slice(0, 7)}-01T00:00:00Z`) / 1000;
      }),
    );
    metrics.replace(
      'gateway_register_overdue_rows',
      await each((entity) =>
        overdueRows(db, entity, dueThrough(clock.now(), retentionMonths(configuration, entity))),
      ),
    );
    metrics.replace(
      'gateway_register_seal_timestamp_seconds',
      await each(async (entity) => ((await lastSealedAt(db, entity))?.getTime() ?? 0) / 1000),
    );
  });
}
