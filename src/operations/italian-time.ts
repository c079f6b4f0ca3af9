const ROME = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'Europe/Rome',
  hourCycle: 'h23',
});

/**
 * When a day begins in Italy: what people mean who write a date.
 * @param day `2026-10-31`
 * @param later days after it
 * @returns undefined when it is no day of the calendar
 */
export function startOfDay(day: string, later = 0): Date | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  if (new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10) !== day) return undefined;
  const midnight = Date.UTC(year, month - 1, date + later);
  // Italy is one or two hours ahead; on no day is midnight itself skipped or repeated.
  return [2, 1]
    .map((hours) => new Date(midnight - hours * 60 * 60 * 1000))
    .find((at) => wallClock(at) === midnight);
}

function wallClock(at: Date): number {
  const part = Object.fromEntries(ROME.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour, minute, second } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
