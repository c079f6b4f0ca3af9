import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { cipherOf } from '../../src/keys/cipher.ts';
import type { Area } from '../../src/portal/area.ts';
import { PortalSessions } from '../../src/portal/sessions.ts';
import { SignIns, sha256 } from '../../src/portal/sign-ins.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const AREA: Area = {
  ...{ id: 'desk', path: '/desk', name: { it: 'Banco', en: 'Desk' }, level: 2, attributes: [] },
  ...{ idleMinutes: 20, longestMinutes: 60 },
};
const ANNA = {
  person: { kind: 'it-fiscal', value: 'RSSNNA80A41H501X' },
  name: 'Anna Rossi',
  level: 2,
  authenticatedAt: new Date('2026-11-24T08:00:00Z'),
  idToken: 'an.id.token',
} as const;

describeStores('sessions of the own pages', (openUrl) => {
  const stores: Store[] = [];
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  async function room() {
    let now = Date.parse('2026-11-24T08:00:00Z');
    const clock = { now: () => new Date(now) };
    const store = await openStore(await openUrl(), clock);
    stores.push(store);
    const cipher = cipherOf([{ id: 'k', key: randomBytes(32) }]);
    const sessions = new PortalSessions(AREA, { store, cipher, clock });
    const signIns = new SignIns(store, cipher, clock);
    return { store, cipher, clock, sessions, signIns, pass: (minutes: number) => (now += minutes * 60_000) };
  }

  it('end when they are not used, and at the latest when the area says', async () => {
    const { sessions, pass } = await room();
    const [used, unused] = [await sessions.open(ANNA), await sessions.open(ANNA)];
    pass(15);
    expect(await sessions.find(used)).toMatchObject(ANNA);
    pass(15);
    expect(await sessions.find(unused)).toBeUndefined();
    expect(await sessions.find(used)).toMatchObject(ANNA);
    pass(15);
    expect(await sessions.find(used)).toMatchObject(ANNA);
    pass(14);
    expect(await sessions.find(used)).toMatchObject(ANNA);
    pass(1);
    expect(await sessions.find(used)).toBeUndefined();
  });

  it('are deleted when they have ended, and at once when somebody leaves', async () => {
    const { sessions, store, pass } = await room();
    const left = await sessions.open(ANNA);
    await sessions.close(left);
    expect(await sessions.find(left)).toBeUndefined();
    await sessions.open(ANNA);
    pass(21);
    expect(await store.purge()).toBe(1);
  });

  it('of one area open no other', async () => {
    const { sessions, store, cipher, clock } = await room();
    const other = new PortalSessions({ ...AREA, id: 'other' }, { store, cipher, clock });
    expect(await other.find(await sessions.open(ANNA))).toBeUndefined();
  });

  it('hold nothing personal that the database could read, nor anything a reader could use', async () => {
    const { sessions, store } = await room();
    const id = await sessions.open(ANNA);
    const rows = await store.db.selectFrom('portal_sessions').selectAll().execute();
    const text = JSON.stringify(
      rows.map((row) => ({ ...row, content: Buffer.from(row.content).toString('latin1') })),
    );
    for (const hidden of [id, ANNA.person.value, ANNA.name, ANNA.idToken]) expect(text).not.toContain(hidden);
  });

  it('begin once for each sign-in, in the browser that left', async () => {
    const { signIns, pass } = await room();
    const secrets = { state: 'state-1', nonce: 'n', codeVerifier: 'v' };
    const signIn = { secrets, browserHash: sha256('browser'), returnTo: '/desk' };
    await signIns.begin('desk', signIn);
    expect(await signIns.claim('desk', 'state-1', sha256('another'))).toBeUndefined();
    expect(await signIns.claim('other', 'state-1', sha256('browser'))).toBeUndefined();
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => signIns.claim('desk', 'state-1', sha256('browser'))),
    );
    expect(claims.filter(Boolean)).toEqual([signIn]);
    await signIns.begin('desk', { ...signIn, secrets: { ...secrets, state: 'state-2' } });
    pass(131);
    expect(await signIns.claim('desk', 'state-2', sha256('browser'))).toBeUndefined();
  });
});
