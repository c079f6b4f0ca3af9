import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { Persons } from '../../src/identity/persons.ts';
import { createKeys, loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { yaml } from '../support/yaml.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

describe('commands about citizens and logouts', () => {
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'citizen-command-'));
    const urls = { gatewayUrl: 'http://localhost:1', suapUrl: 'http://localhost:2' };
    const input = demoConfiguration(urls, { port: 1 }, 'unused');
    writeFileSync(join(directory, 'gateway.yaml'), yaml(input));
    await createKeys(join(directory, 'keys'), {
      passphrase: input.keys.passphrase as string,
      certificates: {},
      rsaBits: 2048,
      years: 1,
      clock: systemClock,
    });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (args: string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      cwd: directory,
      encoding: 'utf8',
      input,
    });
    return { status, stdout, stderr };
  };

  it('take the codice fiscale from standard input and from nowhere else', () => {
    expect(run(['citizen', 'revoke'], 'RSSMRA80A01H501U\n')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'citizen: nobody has ever entered with this codice fiscale\n',
    });
    expect(run(['citizen', 'revoke'], 'RSSMRA80A01H501X\n').stderr).toBe(
      'citizen: that is no codice fiscale\n',
    );
    expect(run(['citizen', 'revoke', 'RSSMRA80A01H501U']).status).toBe(2);
  });

  it('leave an entry in the audit trail, without the codice fiscale', async () => {
    const { store: at, keys: kept } = loadConfiguration(join(directory, 'gateway.yaml'), {});
    const keys = loadKeys(kept.directory, { passphrase: kept.passphrase });
    const store = await openStore(at.url, systemClock);
    await store.transaction((transaction) =>
      new Persons(keys.personHash, systemClock).findOrCreate(transaction, {
        kind: 'it-fiscal',
        value: 'GDASDV00A01H501J',
      }),
    );
    await store.close();
    expect(run(['citizen', 'revoke'], 'GDASDV00A01H501J\n').stdout).toMatch(/^0 logins ended/);
    const trail = run(['audit', 'export']).stdout;
    expect(trail).toContain('"action":"citizen.revoke"');
    expect(trail).not.toContain('GDASDV00A01H501J');
  });

  it('list what services were not told, and begin anew', () => {
    expect(run(['logouts', 'list', '--json'])).toEqual({ status: 0, stdout: '[]\n', stderr: '' });
    expect(run(['logouts', 'retry', 'suap']).stdout).toBe('0 logouts will be told again now.\n');
    expect(run(['logouts']).status).toBe(2);
  });
});
