/** Fewer than this many are not shown: behind a small number one can guess persons. */
export const SMALLEST_SHOWN = 10;

/** A number of a report, and whether it is kept back. */
export interface Figure {
  readonly value: number;
  hidden: boolean;
}

export function figure(value: number): Figure {
  return { value, hidden: value > 0 && value < SMALLEST_SHOWN };
}

/**
 * Keeps back as many numbers besides the small ones as it takes that no sum gives one of them away: afterwards in no sum
 * exactly one number is missing. The smallest go first. That there is nothing of something is never kept back.
 * @param sums each a total with the numbers that it is the sum of; a number may be in several
 */
export function keepBack(sums: readonly (readonly Figure[])[]): void {
  for (let again = true; again;) {
    again = false;
    for (const all of sums) {
      if (all.filter(({ hidden }) => hidden).length !== 1) continue;
      const shown = all.filter(({ hidden, value }) => !hidden && value > 0);
      const smallest = shown.sort((a, b) => a.value - b.value)[0];
      if (!smallest) continue;
      smallest.hidden = true;
      again = true;
    }
  }
}
