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

/** @returns undefined where the number is kept back */
export function shown({ value, hidden }: Figure): number | undefined {
  return hidden ? undefined : value;
}

/**
 * Keeps back as many numbers besides the small ones as it takes that no sum gives one of them away: afterwards in no sum
 * exactly one number is missing. The smallest go first. That there is nothing of something is never kept back.
 * @param sums each a total with the numbers that it is the sum of; a number may be in several
 */
export function keepBack(sums: readonly (readonly Figure[])[]): void {
  const sumsOf = new Map<Figure, (readonly Figure[])[]>();
  for (const sum of sums)
    for (const one of sum) {
      const known = sumsOf.get(one);
      if (known) known.push(sum);
      else sumsOf.set(one, [sum]);
    }
  // What is put in while the loop runs has its turn too.
  const unsettled = new Set(sums);
  for (const sum of unsettled) {
    unsettled.delete(sum);
    const next = givingAway(sum);
    if (!next) continue;
    next.hidden = true;
    for (const other of sumsOf.get(next) ?? []) unsettled.add(other);
  }
}

/** The smallest number shown of a sum in which exactly one is missing. */
function givingAway(sum: readonly Figure[]): Figure | undefined {
  let missing = 0;
  let smallest: Figure | undefined;
  for (const one of sum) {
    if (one.hidden) missing += 1;
    else if (one.value > 0 && (!smallest || one.value < smallest.value)) smallest = one;
    if (missing > 1) return undefined;
  }
  return missing === 1 ? smallest : undefined;
}
