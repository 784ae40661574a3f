import { toTimestamp } from '#packages/kernel/clock.ts';

/** Minutes to wait after each failed attempt: soon at first, over two days in all, as mail servers do (RFC 5321 4.5.4.1). */
const waits = [1, 5, 15, 60, 120, 240, 480, 720, 1_440] as const;

/** Attempts at one mail, the first included. */
export const maxAttempts = waits.length + 1;

/** When the attempt after this one (1-based) is due, in RFC 3339; null when it was the last. */
export function nextAttemptAt(attempt: number, now: Temporal.Instant): string | null {
  const minutes = waits[attempt - 1];
  return minutes === undefined ? null : toTimestamp(now.add({ minutes }));
}
