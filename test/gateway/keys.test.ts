import { renameSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import type { LogEvent } from '../../src/operations/log.ts';
import { startTestGateway } from '../support/gateway.ts';

it('says of a key directory that is gone that it is, as nothing that nobody foresaw, and goes on with the keys it knows', async () => {
  const events: LogEvent[] = [];
  const failures: unknown[] = [];
  let now = systemClock.now().getTime();
  const gateway = await startTestGateway({
    clients: [],
    storeUrl: 'sqlite::memory:',
    clock: { now: () => new Date(now) },
    log: { event: (event) => void events.push(event), failure: (error) => void failures.push(error) },
  });
  onTestFinished(() => gateway.stop());
  const { directory } = gateway.configuration.keys;
  renameSync(directory, `${directory}-elsewhere`);
  now += 60_000;
  expect((await fetch(`${gateway.url}/oidc/jwks`)).status).toBe(200);
  renameSync(`${directory}-elsewhere`, directory);
  expect(events).toContainEqual({
    event: 'key_problem',
    kind: 'directory',
    id: 'keys_missing',
    problem: expect.stringContaining('ENOENT') as string,
  });
  expect(failures).toEqual([]);
});
