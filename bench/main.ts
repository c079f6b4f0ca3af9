import { parseArgs } from 'node:util';
import { Misconfigured } from '../src/operations/errors.ts';

interface Sizes {
  /** CPU time to spend on each measured step. */
  readonly seconds: number;
  /** How often the gateway is killed on each engine. */
  readonly kills: number;
}

/** @returns Markdown, ready for docs/performance.md */
type Bench = (sizes: Sizes) => Promise<string>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  verify: timed(async () => (await import('./verify.ts')).benchVerify),
  hostile: timed(async () => (await import('./hostile.ts')).benchHostile),
  login: timed(async () => (await import('./login.ts')).benchLogin),
  kill: async () => {
    const { benchKill } = await import('./kill.ts');
    return ({ kills }) => benchKill(kills);
  },
};

function timed(load: () => Promise<(seconds: number) => Promise<string>>): () => Promise<Bench> {
  return async () => {
    const bench = await load();
    return ({ seconds }) => bench(seconds);
  };
}

/** `npm run bench -- NAME [--seconds N] [--kills N]` */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      kills: { type: 'string', default: '1000' },
    },
  });
  const [name = ''] = positionals;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  const sizes: Sizes = { seconds: Number(values.seconds), kills: Number(values.kills) };
  if (!load || !Object.values(sizes).every((size) => size > 0)) {
    const usage = `npm run bench -- ${Object.keys(BENCHES).join('|')} [--seconds N] [--kills N]`;
    throw new Misconfigured('usage', `name a benchmark, and numbers above 0: ${usage}`);
  }
  const bench = await load();
  process.stdout.write(`${await bench(sizes)}\n`);
}

await main();
