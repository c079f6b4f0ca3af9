import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { createKeys, loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { SUBJECT } from '../keys/fixtures.ts';
import { yaml } from '../support/yaml.ts';

describe('npm run gateway -- register', () => {
  let directory: string;
  let config: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'register-command-'));
    config = join(directory, 'gateway.yaml');
    const urls = { gatewayUrl: 'http://localhost:1', suapUrl: 'http://localhost:2' };
    const input = demoConfiguration(urls, { port: 1 }, 'unused');
    writeFileSync(config, yaml(input));
    const passphrase = input.keys.passphrase as string;
    await createKeys(join(directory, 'keys'), {
      passphrase,
      certificates: { unione: SUBJECT },
      rsaBits: 2048,
      years: 1,
      clock: systemClock,
    });
    const configuration = loadConfiguration(config, {});
    const register = openRegister(configuration, loadKeys(configuration.keys.directory, { passphrase }));
    const store = await openStore(configuration.store.url, systemClock);
    await store.transaction((transaction) =>
      register.append(transaction, {
        transactionId: 't',
        reference: 'K7QF-3MZP',
        at: systemClock.now(),
        kind: 'response',
        source: 'spid',
        entityId: 'unione',
        outcome: 'accepted',
        evidence: { message: Buffer.from('<xml/>') },
        person: { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
      }),
    );
    await store.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = async (...args: string[]) => {
    let said = '';
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      }),
    );
    try {
      return { code: await runCommand(['register', ...args, '--config', config], {}), said };
    } finally {
      spies.forEach((spy) => spy.mockRestore());
    }
  };

  it('takes nothing that nobody has for a body, and keeps nothing in its name', async () => {
    for (const call of [
      ['verify'],
      ['report', '--month', '2026-10'],
      ['hold', 'place', '--as', 'anna', '--reason', 'a court wants it'],
    ])
      expect(await run(...call, '--entity', 'unoine')).toEqual({
        code: 1,
        said: '--entity: found unoine; allowed: unione\n',
      });
    const hold = await run(
      'hold',
      'place',
      '--as',
      'anna',
      '--reason',
      'a court',
      '--reference',
      'AAAA-AAAA',
    );
    expect(hold).toEqual({ code: 1, said: 'nothing is registered under AAAA-AAAA\n' });
  });

  it('names a legal hold that somebody has taken out of the database', async () => {
    const held = await run('hold', 'place', '--as', 'anna', '--reason', 'a court', '--entity', 'unione');
    expect(await run('verify')).toMatchObject({ code: 0 });
    const store = await openStore(loadConfiguration(config, {}).store.url, systemClock);
    await store.db.deleteFrom('register_holds').execute();
    await store.close();
    const id = held.said.trim();
    expect(await run('verify')).toMatchObject({
      code: 1,
      said: expect.stringContaining(`NOT WHOLE:\n  the legal hold ${id} was removed\n`) as string,
    });
    expect(await run('hold', 'lift', id, '--as', 'anna')).toEqual({ code: 0, said: '' });
    expect(await run('verify')).toMatchObject({ code: 0 });
  });

  it('finds with seals kept elsewhere that a register is gone as a whole', async () => {
    const seals = join(directory, 'seals.txt');
    writeFileSync(seals, (await run('seal', '--all')).said);
    expect(await run('verify', '--seals', seals)).toMatchObject({ code: 0 });
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(`${loadConfiguration(config, {}).store.url.replace('sqlite:', '')}${suffix}`, { force: true });
    expect(await run('verify')).toEqual({ code: 0, said: 'Nothing is registered yet.\n' });
    expect(await run('verify', '--seals', seals)).toMatchObject({
      code: 1,
      said: expect.stringMatching(
        /NOT WHOLE:\n {2}number 1: seal – was sealed on .* and is missing/,
      ) as string,
    });
  });
});
