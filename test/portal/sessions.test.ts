import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { cipherOf } from '../../src/keys/cipher.ts';
import type { Area } from '../../src/portal/area.ts';
import { PortalSessions } from '../../src/portal/sessions.ts';
import { SignIns, sha256 } from '../../src/portal/sign-ins.ts';
import { writeLogout, type LoggedOut } from '../../src/provider/own-pages.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const AREA: Area = {
  id: 'desk',
  path: '/desk',
  name: { it: 'Banco', en: 'Desk' },
  level: 2,
  attributes: [],
  idleMinutes: 20,
  longestMinutes: 60,
};
const LEFT = Date.parse('2026-11-24T08:00:00Z');
const ANNA = {
  person: { kind: 'it-fiscal', value: 'RSSNNA80A41H501X' },
  name: 'Anna Rossi',
  level: 2,
  authenticatedAt: new Date('2026-11-24T08:00:00Z'),
  idToken: 'an.id.token',
  sid: 'session-1',
  sub: 'anna',
} as const;

describeStores('sessions of the own pages', (openUrl) => {
  const stores: Store[] = [];
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  async function room() {
    let now = LEFT;
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
    const [used, unused] = [await sessions.open(ANNA, LEFT), await sessions.open(ANNA, LEFT)];
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
    const left = await sessions.open(ANNA, LEFT);
    await sessions.close(left);
    expect(await sessions.find(left)).toBeUndefined();
    await sessions.open(ANNA, LEFT);
    pass(21);
    expect(await store.purge()).toBe(1);
  });

  it('end with the login they came from, at the word of its session or of its person, and no others do', async () => {
    const { sessions, store, clock, pass } = await room();
    const ended = (who: LoggedOut) => writeLogout(store.db, who, clock.now());
    const [hers, another] = [
      await sessions.open(ANNA, LEFT),
      await sessions.open({ ...ANNA, sid: 'session-2' }, LEFT),
    ];
    const giulia = await sessions.open({ ...ANNA, sid: 'session-3', sub: 'giulia' }, LEFT);
    pass(1);
    await ended({ sid: 'session-1' });
    expect(await sessions.find(hers)).toBeUndefined();
    expect(await sessions.find(another)).toMatchObject({ sub: 'anna' });
    await ended({ sub: 'anna' });
    expect(await sessions.find(another)).toBeUndefined();
    expect(await sessions.find(giulia)).toBeDefined();
  });

  it('do not open to whoever was on the way in when the login ended; who comes later is welcome', async () => {
    const { sessions, store, clock, pass } = await room();
    pass(1);
    await writeLogout(store.db, { sid: ANNA.sid }, clock.now());
    expect(await sessions.find(await sessions.open(ANNA, LEFT))).toBeUndefined();
    pass(1);
    expect(await sessions.find(await sessions.open(ANNA, clock.now().getTime()))).toBeDefined();
  });

  it('of a person who is sent away end, and so do those that nobody can read any more', async () => {
    const { sessions, store, clock } = await room();
    const hers = await sessions.open(ANNA, LEFT);
    const person = { kind: 'it-fiscal', value: 'VRDGLI90A41H501X' } as const;
    const another = await sessions.open({ ...ANNA, person }, LEFT);
    const gone = cipherOf([{ id: 'gone', key: randomBytes(32) }]);
    const unreadable = new PortalSessions(AREA, { store, cipher: gone, clock });
    await unreadable.open({ ...ANNA, person }, LEFT);
    await store.transaction((transaction) =>
      sessions.endOf(transaction, ({ value }) => value === ANNA.person.value),
    );
    expect(await sessions.find(hers)).toBeUndefined();
    expect(await sessions.find(another)).toBeDefined();
    expect(await store.db.selectFrom('portal_sessions').selectAll().execute()).toHaveLength(1);
  });

  it('of one area open no other', async () => {
    const { sessions, store, cipher, clock } = await room();
    const other = new PortalSessions({ ...AREA, id: 'other' }, { store, cipher, clock });
    expect(await other.find(await sessions.open(ANNA, LEFT))).toBeUndefined();
  });

  it('hold nothing personal that the database could read, nor anything a reader could use', async () => {
    const { sessions, store } = await room();
    const id = await sessions.open(ANNA, LEFT);
    const rows = await store.db.selectFrom('portal_sessions').selectAll().execute();
    const text = JSON.stringify(
      rows.map((row) => ({ ...row, content: Buffer.from(row.content).toString('latin1') })),
    );
    for (const hidden of [id, ANNA.person.value, ANNA.name, ANNA.idToken]) expect(text).not.toContain(hidden);
  });

  it('begin once for each sign-in, in the browser that left', async () => {
    const { signIns, pass } = await room();
    const secrets = { state: 'state-1', nonce: 'n', codeVerifier: 'v' };
    const signIn = { secrets, browserHash: sha256('browser'), returnTo: '/desk', fresh: false };
    await signIns.begin('desk', signIn);
    expect(await signIns.claim('desk', 'state-1', sha256('another'))).toBeUndefined();
    expect(await signIns.claim('other', 'state-1', sha256('browser'))).toBeUndefined();
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => signIns.claim('desk', 'state-1', sha256('browser'))),
    );
    expect(claims.filter(Boolean)).toEqual([{ ...signIn, beganAt: LEFT }]);
    await signIns.begin('desk', { ...signIn, secrets: { ...secrets, state: 'state-2' } });
    pass(131);
    expect(await signIns.claim('desk', 'state-2', sha256('browser'))).toBeUndefined();
  });
});
