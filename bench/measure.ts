import { cpus } from 'node:os';

/** One thing to measure, by name. */
export type Step = readonly [name: string, run: () => unknown];

/** Length of one slice of measuring, in microseconds of CPU time. */
const SLICE = 50_000;

/**
 * CPU time per run of each step, in milliseconds: the median of slices in which the steps take turns, so that what
 * else the machine does meanwhile falls on all of them alike. Threads of the process count too.
 * @param seconds CPU time for each step
 */
export async function cpuPerRun(
  steps: readonly Step[],
  seconds: number,
): Promise<ReadonlyMap<string, number>> {
  const slices = new Map<string, number[]>(steps.map(([name]) => [name, []]));
  const rounds = Math.max(3, Math.round((seconds * 1e6) / SLICE));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of steps) {
      const spent = await slice(run);
      if (round >= 0) slices.get(name)?.push(spent); // the first warms up
    }
  }
  return new Map([...slices].map(([name, spent]) => [name, median(spent)]));
}

async function slice(run: () => unknown): Promise<number> {
  let runs = 0;
  const before = process.cpuUsage();
  let spent = 0;
  while (spent < SLICE) {
    await run();
    runs++;
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
  return spent / runs / 1000;
}

/** @throws Error when there is none */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * @param share 0.99 for the value that 99 % stay below
 * @throws Error when there is none
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** What the numbers were measured on. */
export function machine(): string {
  const all = cpus();
  return `Node ${process.version}, ${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`;
}

/** A Markdown table, the first column of text, the others of numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}
