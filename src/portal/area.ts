import type { WantedAttribute } from '../clients/client.ts';
import type { Localised } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';

/**
 * A part of the gateway's own pages that people sign in to (the console, a citizen's own accesses). To the OpenID
 * Provider each is a client like any other, with a level and attributes of its own.
 */
export interface Area {
  /** Names its client (`gateway-<id>`) and its cookie. */
  readonly id: string;
  /** Where its pages are: `/admin`. */
  readonly path: string;
  /** What the choice page calls it. */
  readonly name: Localised;
  /** Nobody gets in with less. */
  readonly level: Level;
  /**
   * What it wants to know; `fiscalNumber` has to be among it, for it tells people apart. Those that are not required
   * are left out where the entity has no attribute set for them.
   */
  readonly attributes: readonly WantedAttribute[];
  /** Unused for so long, a session is over. */
  readonly idleMinutes: number;
  /** A session is over then, used or not. */
  readonly longestMinutes: number;
  /** Bytes that the longest of its forms may need; left out: those of a few fields. */
  readonly largestForm?: number;
}
