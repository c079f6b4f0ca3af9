/** Citizens' days end at midnight in Italy. */
const ROME = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Rome', dateStyle: 'short' });

const DAY_MS = 24 * 60 * 60 * 1000;

/** The day that a moment belongs to, such as `2026-03-29`. */
export function dayIn(at: Date): string {
  return ROME.format(at);
}

/** The month that a moment belongs to, such as `2026-03`. */
export function monthIn(at: Date): string {
  return dayIn(at).slice(0, 7);
}

/** This many days up to the one of a moment, newest first. */
export function daysUpTo(at: Date, count: number): string[] {
  const noon = Date.parse(`${dayIn(at)}T12:00:00Z`);
  return Array.from({ length: count }, (_, back) =>
    new Date(noon - back * DAY_MS).toISOString().slice(0, 10),
  );
}
