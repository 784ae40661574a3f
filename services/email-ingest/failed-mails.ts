/** Longest pause between two tries, in minutes. */
const maxMinutes = 60;

/**
 * Mails of one account that could not be taken in and when to try again: after 1, 2, 4 … minutes. In memory only: a new
 * process tries all of them.
 */
export function createFailedMails() {
  const mails = new Map<string, { readonly tries: number; readonly next: Temporal.Instant }>();

  return {
    add(key: string, now: Temporal.Instant): void {
      const tries = (mails.get(key)?.tries ?? 0) + 1;
      const minutes = Math.min(maxMinutes, 2 ** (tries - 1));
      mails.set(key, { tries, next: now.add({ minutes }) });
    },
    forget(key: string): void {
      mails.delete(key);
    },
    /** Forgets all but these: what is no longer waiting is no failure either. */
    keep(keys: readonly string[]): void {
      const waiting = new Set(keys);
      for (const key of mails.keys()) if (!waiting.has(key)) mails.delete(key);
    },
    isDue(key: string, now: Temporal.Instant): boolean {
      const failed = mails.get(key);
      return failed === undefined || Temporal.Instant.compare(now, failed.next) >= 0;
    },
    count: () => mails.size,
  };
}
