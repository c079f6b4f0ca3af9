/** A calendar month in UTC, `2026-11`: the unit in which the register's keys are made and destroyed. */
export type Month = string;

export function monthOf(date: Date): Month {
  return date.toISOString().slice(0, 7);
}

/** @param count may be negative */
export function addMonths(month: Month, count: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return monthOf(new Date(Date.UTC(year, number - 1 + count, 1)));
}

/** The first moment of a month. */
export function beginningOf(month: Month): Date {
  return new Date(`${month}-01T00:00:00.000Z`);
}

export function laterMonth(a: Month, b: Month): Month {
  return a > b ? a : b;
}
