import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PASSPHRASE = 'correct horse battery staple';

describe('npm run gateway -- audit', () => {
  it('exports every entry as a line of JSON, and finds what was altered', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'audit-command-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const config = join(directory, 'gateway.yaml');
    copyFileSync(join(ROOT, 'gateway.example.yaml'), config);
    const run = (...args: string[]) => {
      const env = {
        GATEWAY_KEYS_PASSPHRASE: PASSPHRASE,
        GATEWAY_SECRET_SUAP: 'long enough for a test, is it',
      };
      const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
      const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
      return { code: status, out: stdout, err: stderr };
    };
    expect(run('keys', 'create', '--bits', '2048').code).toBe(0);
    const store = await openStore(`sqlite:${join(directory, 'data/gateway.db')}`, systemClock);
    onTestFinished(() => store.close());
    const trail = new AuditTrail(loadKeys(join(directory, 'keys'), { passphrase: PASSPHRASE }));
    const actor = { kind: 'operator', name: 'root' } as const;
    for (const action of ['client.create', 'client.suspend']) {
      const event = { at: new Date(0), actor, via: 'command-line', action } as const;
      await store.transaction((transaction) => trail.append(transaction, event));
    }

    expect(run('audit', 'verify')).toEqual({ code: 0, out: '2 entries, 0 faults\n', err: '' });
    const lines = run('audit', 'export').out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { seq: 1, action: 'client.create', actor: 'root' },
      { seq: 2, action: 'client.suspend', at: '1970-01-01T00:00:00.000Z' },
    ]);

    await sql`update audit_entries set action = 'client.read' where seq = 1`.execute(store.db);
    const verified = run('audit', 'verify');
    expect(verified).toMatchObject({ code: 1, out: '2 entries, 1 faults\n', err: 'entry 1: altered\n' });
    expect(run('audit', 'forget').code).toBe(2);
  });
});
