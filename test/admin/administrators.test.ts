import { expect, it, onTestFinished } from 'vitest';
import { Administrators } from '../../src/admin/administrators.ts';
import { AuditTrail } from '../../src/audit/trail.ts';
import { Refused } from '../../src/operations/errors.ts';
import { openStore } from '../../src/store/store.ts';
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
      ...['grant_exists', 'grant_exists', 'grant_exists'],
    ]);
    expect((await administrators.list()).map(({ role }) => role).sort()).toEqual([
      ...['service-developer', 'union-administrator'],
    ]);
  });
});
