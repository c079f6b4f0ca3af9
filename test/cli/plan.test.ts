import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

describe('npm run gateway -- plan and apply', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plan-command-'));
  const config = join(directory, 'gateway.yaml');
  const file = join(directory, 'declarations.yaml');
  const run = (...args: string[]) => {
    const env = {
      GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
      GATEWAY_SECRET_SUAP: 'a secret that is long enough for a test',
    };
    const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
    return { code: status, out: stdout, err: stderr };
  };
  const change = (from: string, to: string) =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

  beforeAll(() => {
    copyFileSync(join(ROOT, 'gateway.example.yaml'), config);
    copyFileSync(join(ROOT, 'declarations.example.yaml'), file);
    expect(run('keys', 'create', '--bits', '2048').code).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('shows what the example would change, does exactly that, and nothing the second time', () => {
    const plan = run('plan', file);
    expect(plan).toMatchObject({ code: 3, err: '' });
    expect(plan.out).toContain('add entity esempio\n  + id: "esempio"');
    expect(plan.out).toMatch(
      /register client scuola[\s\S]*make client scuola live\n {2}- state: "test"\n {2}\+ state: "live"/,
    );
    const digest = /--plan ([0-9a-f]{16})/.exec(plan.out)?.[1] ?? '';
    change('Iscrizioni scolastiche', 'Mensa scolastica');
    const stale = run('apply', file, '--plan', digest);
    expect(stale).toMatchObject({ code: 1, out: '' });
    expect(stale.err).toContain(`is not what plan ${digest} said; nothing was written`);
    change('Mensa scolastica', 'Iscrizioni scolastiche');
    const applied = run('apply', file, '--plan', digest);
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(applied.out).toMatch(
      /client_secret of scuola, not shown again: \S{43}\nDone\.\nNext: metadata draft esempio/,
    );
    expect(run('plan', file)).toEqual({ code: 0, out: 'Nothing would change.\n', err: '' });
  });

  it.each([
    [['plan'], 2, /name one file/],
    [['plan', 'a', 'b'], 2, /name one file/],
    [['plan', 'a', '--plan', 'x'], 2, /--plan is for apply/],
    [['apply', 'nowhere.yaml'], 1, /nowhere\.yaml: cannot be read/],
  ])('says what is wrong with %j', (args, code, message) => {
    const wrong = run(...args);
    expect(wrong.code).toBe(code);
    expect(wrong.err).toMatch(message);
  });
});
