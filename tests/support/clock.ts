import type { Clock } from '#packages/kernel/clock.ts';

/** A clock that stands still until a test moves it. */
export function createTestClock(start = '2026-03-02T09:00:00Z') {
  let now = Temporal.Instant.from(start);
  return {
    now: () => now,
    forward(duration: { hours?: number; minutes?: number; seconds?: number; milliseconds?: number }): void {
      now = now.add(duration);
    },
  } satisfies Clock & { forward: unknown };
}

export type TestClock = ReturnType<typeof createTestClock>;
