import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { Administrators } from '../../src/admin/administrators.ts';
import { Invitations } from '../../src/admin/invitations.ts';
import { AuditTrail } from '../../src/audit/trail.ts';
import { Refused } from '../../src/operations/errors.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { masterKey, personHash } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';
import { BY } from './fixtures.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };
const KEYS = { cipher: masterKey, personHash, derived: () => ['mac'] as const };
const PERSON = { kind: 'it-fiscal', value: 'RSSNNA85T50G843X' } as const;

describeStores('roles in the console', (openUrl) => {
  it('are given to a person once, however many give them at once', async () => {
    const store = await openStore(await openUrl(), clock);
    onTestFinished(() => store.close());
    const administrators = new Administrators(store, KEYS, new AuditTrail(KEYS), clock);
    const grant = { role: 'service-developer', entityId: 'unione', name: 'Anna' } as const;
    const union = { role: 'union-administrator', entityId: undefined, name: 'Anna' } as const;
    const given = await Promise.allSettled(
      [grant, grant, grant, union, union].map((one) => administrators.grant(PERSON, one, BY)),
    );
    const refused = given.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused.map((reason) => reason instanceof Refused && reason.code)).toEqual([
      'grant_exists',
      'grant_exists',
      'grant_exists',
    ]);
    expect((await administrators.list({ entityIds: undefined })).map(({ role }) => role).sort()).toEqual([
      'service-developer',
      'union-administrator',
    ]);
  });

  it('are not given by an invitation that is withdrawn while somebody accepts it', async ({ skip }) => {
    const store = await openStore(await openUrl(), clock);
    onTestFinished(() => store.close());
    // SQLite lets one write after the other.
    if (store.dialect === 'sqlite') skip();
    const trail = new AuditTrail(KEYS);
    const administrators = new Administrators(store, KEYS, trail, clock);
    const invitations = new Invitations({ store, keys: KEYS, trail, clock, administrators });
    const code = await invitations.developer({ name: 'Anna', person: undefined }, 'unione', 7, BY);
    const actor = { kind: 'person', person: PERSON, name: 'Anna' } as const;
    let accepted: Promise<unknown> = Promise.resolve();
    await store.transaction(async (withdrawing) => {
      await withdrawing.updateTable('admin_invitations').set({ expires_at: 0 }).execute();
      accepted = invitations.accept(code, actor, { via: 'console' }).catch((error: unknown) => error);
      await untilSomebodyWaits(store);
    });
    expect(await accepted).toMatchObject({ code: 'invitation_used' });
    expect(await administrators.list({ entityIds: undefined })).toEqual([]);
  });
});

/** Until a query of the database waits for a row that another transaction holds. */
async function untilSomebodyWaits({ db }: Store): Promise<void> {
  for (;;) {
    const { rows } = await sql`select 1 from pg_locks join pg_database on pg_database.oid = pg_locks.database
      or pg_locks.database is null where not granted and datname = current_database()`.execute(db);
    if (rows.length > 0) return;
  }
}
