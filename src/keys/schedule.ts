import type { TurnFacts } from './rotating-keys.ts';
import { ROTATED, SHORTEST_NOTICE_MS, type Rotated } from './rotation.ts';

export interface Schedule {
  /** How long a key signs, in days. */
  readonly everyDays: number;
  /** How long a key is published before it signs, in days. */
  readonly announceDays: number;
}

/** Keys to be made now, and from when they sign. */
export interface NextTurn {
  readonly uses: readonly Rotated[];
  readonly from: Date;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

/** When the key of a line that came last is to be followed by another. */
export function dueAt(last: Pick<TurnFacts, 'created' | 'from'>, { everyDays }: Schedule): Date {
  return new Date((last.from ?? last.created).getTime() + everyDays * DAY_MS);
}

/**
 * Which keys the schedule wants now: those whose follower would have to be published by now. Every process that looks
 * comes to the same moment, so that they make one key and not one each.
 * @returns undefined when there is nothing to do
 */
export function scheduledTurn(
  facts: readonly TurnFacts[],
  schedule: Schedule,
  now: Date,
): NextTurn | undefined {
  const notice = schedule.announceDays * DAY_MS;
  const due = ROTATED.flatMap((use) => {
    const last = facts.filter((turn) => turn.use === use).at(-1);
    if (!last || last.state === 'published') return [];
    const at = dueAt(last, schedule).getTime();
    return at - notice <= now.getTime() ? [{ use, at }] : [];
  });
  if (due.length === 0) return undefined;
  // Of a rotation that is late: to the hour, since two processes do not look in the same second.
  const soonest = Math.ceil((now.getTime() + notice) / HOUR_MS) * HOUR_MS;
  const from = Math.max(soonest, ...due.map(({ at }) => at));
  return { uses: due.map(({ use }) => use), from: wholeSeconds(from) };
}

/**
 * Keys on demand.
 * @param hurry sign as soon as every process and service can know them
 * @returns undefined when the next keys are published already and there is no hurry
 */
export function demandedTurn(
  facts: readonly TurnFacts[],
  { announceDays }: Schedule,
  { now, hurry }: { readonly now: Date; readonly hurry: boolean },
): NextTurn | undefined {
  if (hurry) return { uses: ROTATED, from: wholeSeconds(now.getTime() + SHORTEST_NOTICE_MS) };
  const uses = ROTATED.filter(
    (use) => facts.filter((turn) => turn.use === use).at(-1)?.state !== 'published',
  );
  return uses.length === 0 ? undefined : { uses, from: wholeSeconds(now.getTime() + announceDays * DAY_MS) };
}

/** Names carry no more. Rounded up, so that no notice gets shorter. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.ceil(ms / 1000) * 1000);
}
