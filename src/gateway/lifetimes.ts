import type { Configuration } from '../config/schema.ts';
import type { Level } from '../identity/level.ts';
import type { ReusePolicy } from '../login/reuse.ts';

/** What is built on a login of level 3 is used at once or not at all, in seconds. */
const LEVEL_3_STANDING_SECONDS = 15 * 60;

export function reusePolicy({ sessions }: Configuration): ReusePolicy {
  return { level1Ms: sessions.level1Minutes * 60_000, level2Ms: sessions.level2Minutes * 60_000 };
}

/** Seconds that an authentication of a level carries: never less than it takes to redeem a code and use its token. */
export function standing({ sessions }: Configuration): (level: Level) => number {
  const seconds: Record<Level, number> = {
    1: Math.max(sessions.level1Minutes * 60, LEVEL_3_STANDING_SECONDS),
    2: Math.max(sessions.level2Minutes * 60, LEVEL_3_STANDING_SECONDS),
    3: LEVEL_3_STANDING_SECONDS,
  };
  return (level) => seconds[level];
}
