/** Why the system's clock may be wrong: the providers say another time. */
export interface ClockSuspicion {
  /** How much later it is here than at the providers, in seconds; negative when it is earlier. */
  readonly offsetSeconds: number;
  readonly providers: number;
  readonly responses: number;
}

interface Observation {
  readonly provider: string;
  readonly offsetMs: number;
  readonly receivedAt: number;
}

/** What is older says nothing about now, in milliseconds. */
const RECENT_MS = 60 * 60 * 1000;

/** As many as tell; the latest count. */
const MOST = 50;

/** One provider alone may be wrong itself, unless it says so again and again. */
const ENOUGH_OF_ONE = 10;

/** Of several providers; a single citizen who was slow to press "continue" must not be a majority. */
const ENOUGH_OF_SEVERAL = 3;

/** Answers take a second or two from the provider through the browser to us; more than this is the clock, in milliseconds. */
const THRESHOLD_MS = 10_000;

/**
 * Compares our clock with those of the providers: the median of what lies between the IssueInstant of a verified
 * response and its arrival. A clock that is wrong by more than the skew ends every login (spid-response-validation,
 * 5.4), and nobody would think of it.
 */
export class ClockDrift {
  #observations: Observation[] = [];
  /** When the present suspicion was told. */
  #toldAt: number | undefined;

  /**
   * @param issued IssueInstant out of bytes that a provider signed: nobody else can make us doubt our clock
   * @param received our clock when it arrived
   * @returns a suspicion to be told of; the same one again after an hour
   */
  note(provider: string, issued: Date, received: Date): ClockSuspicion | undefined {
    const offsetMs = received.getTime() - issued.getTime();
    this.#observations = [
      ...this.#observations.slice(1 - MOST),
      { provider, offsetMs, receivedAt: received.getTime() },
    ];
    const suspicion = this.suspicion(received);
    const told = this.#toldAt !== undefined && received.getTime() - this.#toldAt < RECENT_MS;
    if (!suspicion) this.#toldAt = undefined;
    if (!suspicion || told) return undefined;
    this.#toldAt = received.getTime();
    return suspicion;
  }

  /** @returns undefined while the clock looks right, or too little is known */
  suspicion(now: Date): ClockSuspicion | undefined {
    const recent = this.#observations.filter(
      ({ receivedAt }) => Math.abs(now.getTime() - receivedAt) <= RECENT_MS,
    );
    const providers = new Set(recent.map(({ provider }) => provider)).size;
    if (recent.length < (providers > 1 ? ENOUGH_OF_SEVERAL : ENOUGH_OF_ONE)) return undefined;
    const offsetMs = median(recent.map((each) => each.offsetMs));
    if (Math.abs(offsetMs) <= THRESHOLD_MS) return undefined;
    return { offsetSeconds: Math.round(offsetMs / 1000), providers, responses: recent.length };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}
