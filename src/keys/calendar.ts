/** What ends: our own keys and certificates, and those of others that we depend on. */
export type CalendarKind =
  'saml' | 'oidc' | 'cookies' | 'identity-provider' | 'registry' | 'timestamp' | 'certificate';

/** Something with an end. */
export interface CalendarEntry {
  readonly kind: CalendarKind;
  /** Entity, `kid`, entityID or file. */
  readonly id: string;
  /** When it ends; of what is changed without ending by itself: when that is due. */
  readonly ends: Date;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint?: string;
  /** Not valid before. */
  readonly begins?: Date;
  /** Something takes its place by itself, so that nobody has to be warned. */
  readonly followed: boolean;
}

/** An entry as it stands today. */
export interface DatedEntry extends CalendarEntry {
  /** Whole days that are left; negative when it is over. */
  readonly days: number;
  /** The last threshold passed, in days; `over` after the end, `early` before the beginning. */
  readonly stage: number | 'over' | 'early' | undefined;
}

const USUAL = [60, 30, 15, 7] as const;

/** In days before the end. */
const THRESHOLDS: Readonly<Record<CalendarKind, readonly number[]>> = {
  // A new one takes an exchange with AgID and every identity provider (spid-sp-metadata, 5).
  saml: [90, ...USUAL],
  // Changed in a minute, by ourselves.
  oidc: [7],
  cookies: [7],
  // When such a key changes it changes within hours (spid-registry-and-idps, 1.3).
  'identity-provider': [...USUAL, 14, 3],
  registry: USUAL,
  timestamp: USUAL,
  certificate: USUAL,
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** Every entry with the days that are left, what ends first first. */
export function calendarOn(entries: readonly CalendarEntry[], now: Date): DatedEntry[] {
  return entries
    .map((entry): DatedEntry => {
      const days = Math.floor((entry.ends.getTime() - now.getTime()) / DAY_MS);
      return { ...entry, days, stage: stageOf(entry, days, now) };
    })
    .sort((a, b) => a.ends.getTime() - b.ends.getTime() || a.id.localeCompare(b.id));
}

/** Those that need somebody. */
export function pressing(dated: readonly DatedEntry[]): DatedEntry[] {
  return dated.filter(({ stage }) => stage !== undefined);
}

/** What there is to say of an entry that needs somebody. */
export function problemOf({ kind, ends, begins, days, stage }: DatedEntry): string {
  const rotated = kind === 'oidc' || kind === 'cookies';
  const on = day(ends);
  if (stage === 'early') return `not valid before ${begins ? day(begins) : on}`;
  if (stage === 'over') return rotated ? `its change was due on ${on}` : `expired on ${on}`;
  return rotated ? `its change is due in ${days} days, on ${on}` : `expires in ${days} days, on ${on}`;
}

function stageOf({ kind, begins, followed }: CalendarEntry, days: number, now: Date): DatedEntry['stage'] {
  if (followed) return undefined;
  if (days < 0) return 'over';
  if (begins !== undefined && begins > now) return 'early';
  const passed = THRESHOLDS[kind].filter((most) => days <= most);
  return passed.length === 0 ? undefined : Math.min(...passed);
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
