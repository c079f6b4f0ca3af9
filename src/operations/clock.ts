/** The one source of time. Everything that asks "what time is it" takes a Clock, so tests can set it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = {
  // eslint-disable-next-line no-restricted-syntax -- this is the one place that reads the system's time
  now: () => new Date(),
};
