import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';

/** Runs a command in this process. @returns exit code and what it said, both streams */
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    }),
  );
  try {
    return { code: await runCommand(args, {}), said };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}

/** Every command, as the list of all of them names it. */
async function names(): Promise<string[]> {
  const { said } = await run('help');
  return [...said.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, name]) => (name ? [name] : []));
}

describe('npm run gateway', () => {
  it('explains every command when asked with --help, and says where when it was wrongly called', async () => {
    const all = await names();
    expect(all).toContain('register');
    for (const name of all) {
      const help = await run(name, '--help');
      expect([help.code, help.said.split(' ')[0]]).toEqual([0, name === 'apply' ? 'plan' : name]);
      const wrong = await run(name, '--nonsense');
      expect([wrong.code, wrong.said]).toEqual([
        2,
        expect.stringMatching(new RegExp(`--nonsense[^]*\nSee: npm run gateway -- ${name} --help\n$`)),
      ]);
    }
  });

  it.each([
    ['constructor'],
    ...['cert', 'client', 'entity', 'keys', 'metadata', 'register'].map((name) => [name, 'constructor']),
    ['client', 'show'],
  ])(
    'knows no command %s %s, nor what to do without a name, and says so without a stack',
    async (...args) => {
      const { code, said } = await run(...args);
      expect([code, said]).toEqual([
        2,
        expect.stringMatching(/There is no command|there is no "|say what to do|allowed: 1\n/),
      ]);
    },
  );

  it('says what an address of a service has to be like that somebody wants to try in the demo', async () => {
    const { code, said } = await run('demo', '--redirect-uri', 'localhost:5000/callback');
    expect([code, said]).toEqual([2, expect.stringMatching(/^demo: --redirect-uri: allowed: the http/)]);
  });

  it('names every option of every command in its --help', async () => {
    const folder = join(import.meta.dirname, '../../src/cli');
    const options = new Set<string>();
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const source = readFileSync(join(folder, file), 'utf8');
      const declared = source.matchAll(/^ +(?:'([a-z-]+)'|([a-z]+)): \{ type: '(?:string|boolean)'/gm);
      for (const [, quoted, bare] of declared) options.add(quoted ?? bare ?? '');
    }
    let said = '';
    for (const name of await names()) said += (await run(name, '--help')).said;
    expect(options.size).toBeGreaterThan(40);
    expect([...options].filter((option) => !said.includes(`--${option}`))).toEqual([]);
  });

  it('says of a file what is wrong with it, without a stack', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'commands-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const missing = join(directory, 'seals.txt');
    expect(await run('register', 'verify', '--seals', missing)).toEqual({
      code: 1,
      said: `${missing}: there is no such file or folder\n`,
    });
    writeFileSync(missing, 'not a seal\n');
    expect(await run('register', 'verify', '--seals', missing)).toEqual({
      code: 1,
      said: expect.stringContaining(
        'line 1: found no seal; allowed: seals as "register seal --all" prints them',
      ) as string,
    });
  });
});
