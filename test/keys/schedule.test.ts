import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKeys, loadKeys } from '../../src/keys/directory.ts';
import { addTurns, retireTurns, ROTATED, UNDERSTOOD_MS } from '../../src/keys/rotation.ts';
import { demandedTurn, scheduledTurn } from '../../src/keys/schedule.ts';
import type { TurnFacts } from '../../src/keys/rotating-keys.ts';
import { creation, keyDirectories, PASSPHRASE } from './fixtures.ts';

const keyDirectory = keyDirectories();
const load = (directory: string) => loadKeys(directory, { passphrase: PASSPHRASE }).rotating;

const SCHEDULE = { everyDays: 90, announceDays: 7 };
const day = (number: number, hours = 0) =>
  new Date(Date.parse('2027-01-01T00:00:00Z') + (number * 24 + hours) * 3_600_000);
const first = (use: TurnFacts['use'], change: Partial<TurnFacts> = {}): TurnFacts => ({
  use,
  id: use,
  created: day(0),
  from: undefined,
  until: undefined,
  state: 'signs',
  ...change,
});
const young = ROTATED.map((use) => first(use));

describe('the schedule of keys', () => {
  it('wants nothing before the day of notice', () => {
    expect(scheduledTurn(young, SCHEDULE, day(82, 23))).toBeUndefined();
  });

  it('wants the next keys a week before they sign, and never with less notice', () => {
    const expected = { uses: ROTATED, from: day(90) };
    expect(scheduledTurn(young, SCHEDULE, day(83))).toEqual(expected);
    expect(scheduledTurn(young, SCHEDULE, day(83, 5))).toEqual({ uses: ROTATED, from: day(90, 5) });
  });

  it('gives a late change the whole notice, to the hour', () => {
    for (const minute of [1, 59])
      expect(scheduledTurn(young, SCHEDULE, new Date(day(200).getTime() + minute * 60_000))?.from).toEqual(
        day(207, 1),
      );
  });

  it('makes nothing twice, and counts from the moment a key began to sign', () => {
    const published = ROTATED.map((use) => first(use, { from: day(90), state: 'published' }));
    expect(scheduledTurn([...young, ...published], SCHEDULE, day(84))).toBeUndefined();
    const signing = ROTATED.map((use) => first(use, { from: day(90) }));
    expect(scheduledTurn([...young, ...signing], SCHEDULE, day(172))).toBeUndefined();
    expect(scheduledTurn([...young, ...signing], SCHEDULE, day(173))?.from).toEqual(day(180));
  });

  it('changes only the keys that are due', () => {
    const [rsa, ec, cookies] = young;
    const renewed = { ...cookies, created: day(50) } as TurnFacts;
    expect(scheduledTurn([rsa, ec, renewed] as TurnFacts[], SCHEDULE, day(83))?.uses).toEqual([
      'oidc-rs256',
      'oidc-es256',
    ]);
  });

  it('on demand gives the usual notice, or a minute in a hurry, also when the next keys are published', () => {
    const now = new Date('2027-03-01T10:00:00.400Z');
    expect(demandedTurn(young, SCHEDULE, { now, hurry: false })?.from).toEqual(
      new Date('2027-03-08T10:00:01Z'),
    );
    expect(demandedTurn(young, SCHEDULE, { now, hurry: true })?.from).toEqual(
      new Date('2027-03-01T10:01:01Z'),
    );
    const published = ROTATED.map((use) => first(use, { from: day(90), state: 'published' }));
    expect(demandedTurn([...young, ...published], SCHEDULE, { now, hurry: false })).toBeUndefined();
    expect(demandedTurn([...young, ...published], SCHEDULE, { now, hurry: true })?.uses).toEqual(ROTATED);
  });
});

describe('keys that take turns', () => {
  const options = { uses: ROTATED, from: day(90), passphrase: PASSPHRASE, now: day(83) };

  it('are made once, however many processes want the same', async () => {
    const directory = keyDirectory();
    const written = await Promise.all([addTurns(directory, options), addTurns(directory, options)]);
    expect(written.flat().sort()).toEqual([
      'cookies.20270401T000000Z.json',
      'oidc-es256.20270401T000000Z.key.pem',
      'oidc-rs256.20270401T000000Z.key.pem',
    ]);
  });

  it('are published, then sign, are understood for a day more, and go', async () => {
    const directory = keyDirectory();
    const keys = load(directory);
    const old = keys.at(day(83));
    await addTurns(directory, options);
    expect(keys.at(day(84)).version).toBe(old.version);
    keys.reload();
    const [published, signing, gone] = [day(84), day(90), new Date(day(90).getTime() + UNDERSTOOD_MS)].map(
      (now) => keys.at(now),
    );
    expect(published?.tokens.map(({ kid }) => kid)).toContain(old.tokens[0]?.kid);
    expect(published?.tokens[0]?.kid).toBe(old.tokens[0]?.kid);
    expect(published?.cookies).toHaveLength(2);
    expect(published?.cookies[0]).toBe(old.cookies[0]);
    expect(signing?.tokens[0]?.kid).toBe(published?.tokens[1]?.kid);
    expect(signing?.tokens[1]?.kid).toBe(old.tokens[0]?.kid);
    expect(signing?.cookies).toEqual(published?.cookies.toReversed());
    expect(gone?.tokens).toHaveLength(2);
    expect(gone?.cookies).toEqual([signing?.cookies[0]]);
    expect(new Set([old, published, signing, gone].map((set) => set?.version)).size).toBe(4);
  });

  it('are put aside when they are past, and neither the one that signs nor the next ever is', async () => {
    const directory = keyDirectory();
    await addTurns(directory, options);
    await addTurns(directory, { ...options, from: day(180) });
    const gone = new Date(day(90).getTime() + UNDERSTOOD_MS);
    expect(retireTurns(directory, new Date(gone.getTime() - 1))).toEqual([]);
    expect(retireTurns(directory, gone)).toEqual(['oidc-rs256.key.pem', 'oidc-es256.key.pem']);
    expect(retireTurns(directory, gone)).toEqual([]);
    expect(readdirSync(join(directory, 'retired')).sort()).toEqual([
      'oidc-es256.key.pem',
      'oidc-rs256.key.pem',
    ]);
    expect(load(directory).at(gone).tokens).toHaveLength(4);
    expect(await createKeys(directory, creation())).toEqual([]);
    expect(retireTurns(directory, day(182))).toHaveLength(3);
  });

  it('may be put aside before their time, but not the one that signs and not what is in secrets.json', async () => {
    const directory = keyDirectory();
    await addTurns(directory, options);
    const keys = load(directory);
    const [now, later] = [day(84), day(90)];
    const id = (state: string, use: string, at: Date) =>
      keys.facts(at).find((turn) => turn.use === use && turn.state === state)?.id ?? '';
    expect(keys.withdrawable(id('published', 'oidc-rs256', now), now)).toBe(
      'oidc-rs256.20270401T000000Z.key.pem',
    );
    expect(keys.withdrawable(id('understood', 'oidc-es256', later), later)).toBe('oidc-es256.key.pem');
    const refused = (key: string) => () => keys.withdrawable(key, later);
    expect(refused(id('signs', 'oidc-es256', later))).toThrow(
      expect.objectContaining({ code: 'key_in_use' }),
    );
    expect(refused(id('understood', 'cookies', later))).toThrow(
      expect.objectContaining({ code: 'key_kept' }),
    );
    expect(refused('nobody')).toThrow(expect.objectContaining({ code: 'key_unknown' }));
  });

  it('stay as they were when a new one cannot be used', async () => {
    const directory = keyDirectory();
    const keys = load(directory);
    const before = keys.at(day(83));
    writeFileSync(join(directory, 'oidc-rs256.20270401T000000Z.key.pem'), 'no key', { mode: 0o600 });
    expect(() => keys.reload()).toThrow(expect.objectContaining({ code: 'keys_locked' }));
    chmodSync(join(directory, 'oidc-rs256.20270401T000000Z.key.pem'), 0o644);
    expect(() => keys.reload()).toThrow(expect.objectContaining({ code: 'keys_readable' }));
    expect(keys.at(day(83))).toEqual(before);
  });
});
