import { parseArgs } from 'node:util';
import { Misconfigured } from '../src/operations/errors.ts';

interface Sizes {
  /** CPU time to spend on each measured step. */
  readonly seconds: number;
  /** How often the gateway is killed on each engine, and for how long at most. */
  readonly kills: number;
  readonly minutes: number;
  /** Logins in the register on each engine. */
  readonly transactions: number;
  /** What is in the store when the pages of the console are measured. */
  readonly clients: number;
  readonly logins: number;
}

/**
 * @param engine `sqlite` or `postgresql`; empty for both, where a bench runs on both
 * @returns Markdown, ready for docs/performance.md
 */
type Bench = (sizes: Sizes, engine: string) => Promise<string>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  verify: timed(async () => (await import('./verify.ts')).benchVerify),
  hostile: timed(async () => (await import('./hostile.ts')).benchHostile),
  login: timed(async () => (await import('./login.ts')).benchLogin),
  kill: async () => {
    const { benchKill } = await import('./kill.ts');
    return (sizes, engine) => benchKill({ ...sizes, engine });
  },
  register: async () => {
    const { benchRegister } = await import('./register.ts');
    return (sizes, engine) => benchRegister({ ...sizes, engine });
  },
  console: async () => {
    const { benchConsole } = await import('./console.ts');
    return (sizes, engine) => benchConsole({ ...sizes, engine });
  },
};

function timed(load: () => Promise<(seconds: number) => Promise<string>>): () => Promise<Bench> {
  return async () => {
    const bench = await load();
    return ({ seconds }) => bench(seconds);
  };
}

/** `npm run bench -- NAME [--seconds N] [--kills N] [--minutes N] [--transactions N] [--clients N] [--logins N] [--engine NAME]` */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      kills: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '600' },
      transactions: { type: 'string', default: '10000000' },
      clients: { type: 'string', default: '10000' },
      logins: { type: 'string', default: '1000000' },
      engine: { type: 'string', default: '' },
    },
  });
  const [name = ''] = positionals;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  const sizes: Sizes = {
    seconds: Number(values.seconds),
    kills: Number(values.kills),
    minutes: Number(values.minutes),
    clients: Number(values.clients),
    logins: Number(values.logins),
    transactions: Number(values.transactions),
  };
  const engines = ['', 'sqlite', 'postgresql'];
  if (!load || !Object.values(sizes).every((size) => size > 0) || !engines.includes(values.engine)) {
    const usage = `npm run bench -- ${Object.keys(BENCHES).join('|')} [--seconds N] [--kills N] [--minutes N] [--transactions N] [--clients N] [--logins N] [--engine sqlite|postgresql]`;
    throw new Misconfigured('usage', `name a benchmark, and numbers above 0: ${usage}`);
  }
  const bench = await load();
  process.stdout.write(`${await bench(sizes, values.engine)}\n`);
}

await main();
