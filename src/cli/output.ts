import type { Difference } from '../audit/difference.ts';

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
