import { parseArgs } from 'node:util';
import { Misconfigured } from '../src/operations/errors.ts';

/**
 * @param seconds CPU time to spend on each measured step
 * @returns Markdown, ready for docs/performance.md
 */
type Bench = (seconds: number) => Promise<string>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  verify: async () => (await import('./verify.ts')).benchVerify,
  hostile: async () => (await import('./hostile.ts')).benchHostile,
  login: async () => (await import('./login.ts')).benchLogin,
};

/** `npm run bench -- NAME [--seconds N]` */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '3' } },
  });
  const [name = ''] = positionals;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  const seconds = Number(values.seconds);
  if (!load || !(seconds > 0)) {
    const usage = `npm run bench -- ${Object.keys(BENCHES).join('|')} [--seconds N]`;
    throw new Misconfigured('usage', `name a benchmark and a number of seconds above 0: ${usage}`);
  }
  const bench = await load();
  process.stdout.write(`${await bench(seconds)}\n`);
}

await main();
