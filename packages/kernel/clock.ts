/** Source of the current time; tests move their own by hand. */
export type Clock = { now(): Temporal.Instant };

export const systemClock: Clock = { now: () => Temporal.Now.instant() };

/** RFC 3339 in UTC with exactly three decimals, so that instants of the log compare as text. */
export const toTimestamp = (instant: Temporal.Instant): string => instant.toString({ smallestUnit: 'millisecond' });
