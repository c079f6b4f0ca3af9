import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/operations/log.ts';
import { Outbound } from '../../src/operations/outbound.ts';
import { Federation } from '../../src/sources/spid/federation/federation.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { pinsOf, startRegistry, type RegistryAnswer, type TestRegistry } from '../support/registry.ts';
import { openCanary, type Canary } from './canary.ts';
import {
  agid,
  entities,
  EVIL,
  GOOD,
  inUse,
  key,
  mallory,
  MISTAKES,
  provider,
  registryAttacks,
  signed,
} from './corpus/registry.ts';

const NOW = new Date('2026-03-05T18:00:00Z');

let canary: Canary;
let store: Store;
let registry: TestRegistry;
const directory = mkdtempSync(join(tmpdir(), 'metadata-attacks-'));
beforeAll(async () => {
  canary = await openCanary();
  store = await openStore(`sqlite:${join(directory, 'store.db')}`, { now: () => NOW });
  registry = await startRegistry();
});
beforeEach(async () => {
  for (const table of ['registry_versions', 'registry_checks'] as const)
    await store.db.deleteFrom(table).execute();
});
afterAll(async () => {
  await Promise.all([canary.stop(), registry.stop(), store.close()]);
  rmSync(directory, { recursive: true });
});

/** The federation with a good file in use, and what it makes of the next one. */
async function next(answer: RegistryAnswer) {
  const logged: Record<string, unknown>[] = [];
  const write = (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>);
  const clock = { now: () => NOW };
  const pins = pinsOf(registry.url, [agid.certificatePem], { store, clock });
  const federation = new Federation({
    registry: { url: registry.url, pins, outbound: new Outbound(), refreshMs: 3_600_000 },
    directory: { path: directory, signers: undefined },
    store,
    clock,
    log: createLog({ level: 'info', destination: { write } }),
  });
  registry.serve(inUse());
  await federation.load();
  const before = federation.providers.all();
  expect(before.map(({ entityId }) => entityId)).toEqual(GOOD);
  registry.serve(answer);
  const started = performance.now();
  const { outcome } = await federation.refresh();
  return {
    federation,
    before,
    outcome,
    took: performance.now() - started,
    codes: logged.filter(({ event }) => event === 'registry_refused').map(({ code }) => code),
    problems: logged.filter(({ event }) => event === 'metadata_problem').map(({ problem }) => problem),
  };
}

describe('whoever answers for the registry cannot bring in', () => {
  it.each(registryAttacks(0).map(([name, code], at) => ({ name, code, at })))(
    '$name: refused as $code',
    async ({ code, at }) => {
      const file = registryAttacks(canary.port)[at]?.[2];
      if (!file) throw new Error('no such attack');
      const { federation, before, outcome, took, codes } = await next(file());
      expect([outcome === 'changed', codes]).toEqual([false, [code]]);
      expect(federation.providers.all()).toEqual(before);
      expect(took).toBeLessThan(1000);
    },
  );

  it('anything, but for the genuine file that every attack is made of', async () => {
    const { federation, outcome, codes } = await next(
      signed([...entities(), provider('https://d.example.it')]),
    );
    expect([outcome, codes]).toEqual(['changed', []]);
    expect(federation.providers.all()).toHaveLength(4);
  });

  it('and makes the gateway call nobody', () => {
    expect(canary.calls()).toBe(0);
  });
});

describe('a list that AgID did sign', () => {
  it.each(MISTAKES)('does not bring in %s, and harms no other', async (_, entity, problem) => {
    const { federation, outcome, problems } = await next(signed([...entities(), entity()]));
    expect(outcome).toBe('changed');
    expect(federation.providers.find(EVIL)).toBeUndefined();
    expect(GOOD.every((entityId) => federation.providers.find(entityId))).toBe(true);
    expect(problems.filter((one) => one === problem)).toHaveLength(problem === undefined ? 0 : 1);
  });

  it.each([
    ['first', (one: string, other: string) => [other, one]],
    ['last', (one: string, other: string) => [one, other]],
  ])(
    'does not let a second description of a provider win when it comes %s: what was known stays',
    async (_, order) => {
      const [genuine = '', ...rest] = entities();
      const taken = provider(GOOD[0] ?? '', { keys: [{ use: 'signing', certificate: mallory.certificate }] });
      const { federation, problems } = await next(signed([...order(genuine, taken), ...rest]));
      const [signingKey, ...more] = federation.providers.find(GOOD[0] ?? '')?.signingKeys ?? [];
      expect([signingKey?.equals(key.publicKey), more]).toEqual([true, []]);
      expect(problems).toEqual([`${GOOD[0]}: left out: listed more than once`]);
    },
  );
});
