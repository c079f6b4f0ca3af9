import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import { runRegister } from '../../src/cli/register.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { createKeys, loadKeys, type KeyRing } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { accessesOf, listReports, reportAccess } from '../../src/register/accesses.ts';
import { heldIn } from '../../src/register/holds.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { Register } from '../../src/register/register.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { yaml } from '../support/yaml.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const FISCAL_CODE = 'RSSMRA80A01H501U';

describe('npm run gateway -- register', () => {
  let directory: string;
  let store: Store;
  let keys: KeyRing;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'register-command-'));
    const urls = { gatewayUrl: 'http://localhost:1', suapUrl: 'http://localhost:2' };
    const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
    const input = demoConfiguration(urls, { port: 1, storeUrl }, 'unused');
    writeFileSync(join(directory, 'gateway.yaml'), yaml(input));
    const passphrase = input.keys.passphrase as string;
    await createKeys(join(directory, 'keys'), {
      ...{ passphrase, certificates: {}, rsaBits: 2048, years: 1, clock: systemClock },
    });
    keys = loadKeys(join(directory, 'keys'), { passphrase });
    store = await openStore(storeUrl, systemClock);
    const register = new Register(new RegisterKeys(join(directory, 'keys'), keys.cipher), keys.personHash);
    for (const transactionId of ['first', 'second'])
      await store.transaction((transaction) =>
        register.append(transaction, {
          ...{
            transactionId,
            reference: 'ABCD-EFGH',
            at: systemClock.now(),
            kind: 'granted',
            source: 'spid',
          },
          ...{ entityId: 'unione', clientId: 'suap', person: { kind: 'it-fiscal', value: FISCAL_CODE } },
          evidence: {},
        }),
      );
  });
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = async (args: string[]) => {
    const printed: string[] = [];
    const spy = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      const status = await runRegister([...args, '--config', join(directory, 'gateway.yaml')], {});
      return { status, stdout: printed.join('') };
    } finally {
      spy.mockRestore();
    }
  };
  /** As a program of its own, which reads its standard input. */
  const spawned = (args: string[], input: string) =>
    spawnSync(process.execPath, [MAIN, 'register', ...args], { cwd: directory, encoding: 'utf8', input });
  const newest = async () => (await new AuditTrail(keys).list(store.db, { limit: 1 }))[0];
  const hashes = () => [keys.personHash.hash(`it-fiscal:${FISCAL_CODE}`)];

  it('lists the cases that wait, and closes one once, with what was found out and by whom', async () => {
    const access = { transactionId: 'first', clientId: 'suap' };
    await reportAccess(store, hashes(), access, systemClock.now());
    const [{ id = '' } = {}] = await listReports(store.db, false);
    expect((await run(['cases', 'list'])).stdout).toMatch(new RegExp(`^${id}  .*  suap  ABCD-EFGH  open\n$`));
    const close = ['cases', 'close', id, '--as', 'Responsabile', '--outcome'];
    expect(await run([...close, 'perhaps'])).toEqual({ status: 2, stdout: '' });
    expect(await run([...close, 'not-hers'])).toEqual({ status: 0, stdout: '' });
    expect(await newest()).toMatchObject({
      ...{ action: 'register.close-case', actor: 'Responsabile', via: 'command-line' },
      ...{ target: { kind: 'access-report', id }, after: { outcome: 'not-hers' } },
    });
    const { accesses } = await accessesOf(store.db, hashes());
    expect(accesses.find(({ transactionId }) => transactionId === 'first')?.report).toBe('not-hers');
    await expect(run([...close, 'hers'])).rejects.toMatchObject({ code: 'no_such_report' });
    expect((await run(['cases', 'list'])).stdout).toBe('');
    expect((await run(['cases', 'list', '--all'])).stdout).toContain('not-hers, closed by Responsabile');
  });

  it('holds every transaction of a login, and everything of a person', async () => {
    const place = ['hold', 'place', '--as', 'Responsabile', '--reason', 'Procura, prot. 1'];
    const { stdout } = await run([...place, '--reference', 'abcd-efgh']);
    const placed = stdout.trim().split('\n');
    expect(placed).toHaveLength(2);
    expect(await heldIn(store.db, 'unione')).toEqual(new Set(['first', 'second']));
    for (const hold of placed) expect((await run(['hold', 'lift', hold, '--as', 'R'])).status).toBe(0);
    expect(await heldIn(store.db, 'unione')).toEqual(new Set());
    expect(
      spawned(
        [...place, '--person'],
        `${FISCAL_CODE}
`,
      ).status,
    ).toBe(0);
    expect(await heldIn(store.db, 'unione')).toEqual(new Set(['first', 'second']));
  });

  it('makes no keys for a register whose keys are lost', async () => {
    const file = join(directory, 'keys/register-unione.json');
    renameSync(file, `${file}.lost`);
    for (const command of ['verify', 'seal', 'purge'])
      await expect(run([command])).rejects.toMatchObject({ code: 'register_keys_missing' });
    expect(existsSync(file)).toBe(false);
    renameSync(`${file}.lost`, file);
    expect((await run(['verify'])).status).toBe(0);
  });
});
