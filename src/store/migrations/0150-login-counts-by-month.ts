import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';

const STEPS = ['shown', 'chosen', 'returned', 'failed', 'entered', 'granted', 'redeemed'];

/** Counters of logins by source and of whole months; the gateway's own pages are no longer in those of all services. */
export function loginCountsByMonth(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const columns = list((step) => sql.ref(step));
      await sql`
        insert into login_counts (day, dimension, client_id, entity_id, value, expires_at, ${columns})
        select day, dimension, '', entity_id, value, max(expires_at), ${list((step) => sql`-sum(${sql.ref(step)})`)}
        from login_counts where client_id like 'gateway-%' group by day, dimension, entity_id, value
        on conflict (day, dimension, client_id, entity_id, value) do update
        set ${list((step) => sql`${sql.ref(step)} = ${sql.ref(`login_counts.${step}`)} + ${sql.ref(`excluded.${step}`)}`)}`.execute(
        db,
      );
      const none = sql.join(
        STEPS.map((step) => sql`${sql.ref(step)} <= 0`),
        sql` and `,
      );
      await sql`delete from login_counts where client_id = '' and ${none}`.execute(db);
      // Until now everybody came through SPID; the choice page is shown before a source is chosen.
      await sql`
        insert into login_counts (day, dimension, client_id, entity_id, value, expires_at, ${columns})
        select day, 'source', client_id, entity_id, 'spid', expires_at,
          ${list((step) => (step === 'shown' ? sql.lit(0) : sql.ref(step)))}
        from login_counts
        where dimension = 'total' and chosen + returned + failed + entered + granted + redeemed > 0`.execute(
        db,
      );
      await sql`
        insert into login_counts (day, dimension, client_id, entity_id, value, expires_at, ${columns})
        select substr(day, 1, 7), dimension, client_id, entity_id, value, max(expires_at),
          ${list((step) => sql`sum(${sql.ref(step)})`)}
        from login_counts group by substr(day, 1, 7), dimension, client_id, entity_id, value`.execute(db);
    },
  };
}

function list(of: (step: string) => RawBuilder<unknown>): RawBuilder<unknown> {
  return sql.join(STEPS.map(of));
}
