import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';

const STEPS = ['shown', 'chosen', 'returned', 'failed', 'entered', 'granted', 'redeemed'];

/**
 * Counters of the test stage are no longer in those of all services. Of which stage a login was nobody has noted; but of a
 * service that has never been live all were.
 */
export function loginCountsOfTests(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const tested = sql`client_id in (
        select id from clients where state in ('test', 'waiting') and origin <> 'gateway' and not exists (
          select 1 from client_versions where client_versions.client_id = clients.id and client_versions.state = 'live'))`;
      await sql`
        insert into login_counts (day, dimension, client_id, entity_id, value, expires_at, ${list((step) => sql.ref(step))})
        select day, dimension, '', entity_id, value, max(expires_at), ${list((step) => sql`-sum(${sql.ref(step)})`)}
        from login_counts where ${tested} group by day, dimension, entity_id, value
        on conflict (day, dimension, client_id, entity_id, value) do update
        set ${list((step) => sql`${sql.ref(step)} = ${sql.ref(`login_counts.${step}`)} + ${sql.ref(`excluded.${step}`)}`)}`.execute(
        db,
      );
      const none = sql.join(
        STEPS.map((step) => sql`${sql.ref(step)} <= 0`),
        sql` and `,
      );
      await sql`delete from login_counts where client_id = '' and ${none}`.execute(db);
      await sql`update login_counts set client_id = 'test:' || client_id where ${tested}`.execute(db);
    },
  };
}

function list(of: (step: string) => RawBuilder<unknown>): RawBuilder<unknown> {
  return sql.join(STEPS.map(of));
}
