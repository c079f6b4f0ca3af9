const ROME = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Rome', dateStyle: 'short' });

/**
 * Age in whole years, by the calendar of Italy: one is older from the midnight of Rome at which the birthday begins.
 * Who was born on 29 February is older from 1 March where the year has no such day.
 * @param birthDate `YYYY-MM-DD`, as SPID's dateOfBirth
 * @returns undefined when it is no date, or lies ahead
 */
export function ageOn(birthDate: string | undefined, now: Date): number | undefined {
  const born = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate ?? '');
  if (!born || !isCalendarDate(born[0])) return undefined;
  const [year, month, day] = ROME.format(now).split('-').map(Number) as [number, number, number];
  const [bornYear, bornMonth, bornDay] = born.slice(1).map(Number) as [number, number, number];
  const reached = month > bornMonth || (month === bornMonth && day >= bornDay);
  const age = year - bornYear - (reached ? 0 : 1);
  return age >= 0 ? age : undefined;
}

function isCalendarDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
