const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/;

/**
 * Reads an xs:dateTime with a time zone (spid-response-validation, 5.4). Fractions of any length are cut to
 * milliseconds. A date without zone, without seconds or that no calendar has is not read.
 * @returns undefined when the text is not such an instant
 */
export function parseInstant(text: string): Date | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = new Date(0);
  local.setUTCFullYear(fields[0], fields[1] - 1, fields[2]);
  local.setUTCHours(fields[3], fields[4], fields[5], Number(fraction.slice(0, 3).padEnd(3, '0')));
  const sameDay = local.getUTCMonth() === fields[1] - 1 && local.getUTCDate() === fields[2];
  if (!sameDay || fields[3] > 23 || fields[4] > 59 || fields[5] > 59) return undefined;
  return new Date(local.getTime() - offsetMinutes(zone) * 60_000);
}

/** UTC with milliseconds and `Z`, as every message of ours carries it. */
export function formatInstant(date: Date): string {
  return date.toISOString();
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
