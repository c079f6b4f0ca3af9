import type { Difference } from '../audit/difference.ts';

/** What a shell reports of a command that wrote to a reader who had left (128 and SIGPIPE). */
const READER_LEFT = 141;

/** Whoever reads what a command prints may have seen enough (`| head`): then it is over, without a word, as with others. */
export function stopWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(READER_LEFT);
    });
}

/** A line on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Says on standard error what was wrong with the call. @returns the exit code for it */
export function complain(command: string, message: string): number {
  process.stderr.write(`${command}: ${message}\n`);
  return 2;
}

/** Says that a command does no such thing. @returns the exit code for it */
export function noAction(command: string, action: string): number {
  return complain(command, action === '' ? 'say what to do' : `there is no "${action}"`);
}

/** What is known by a name; undefined for every other word, also where JavaScript knows something by it. */
export function named<T>(known: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/** The same result for programs or for people. */
export function show(json: boolean, result: unknown, lines: readonly string[]): void {
  print(json ? JSON.stringify(result, null, 2) : lines.join('\n'));
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function day(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? '–';
}

/** What a change takes away and what it brings, place by place. */
export function differenceLines(found: readonly Difference[]): string[] {
  return found.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`  - ${path}: ${before}`]),
    ...(after === undefined ? [] : [`  + ${path}: ${after}`]),
  ]);
}
