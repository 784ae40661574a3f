import { isAppError } from '#packages/kernel/errors.ts';

/** Merges that are followed from one ticket to the next; nobody merges that often. */
const maxSteps = 20;

/**
 * Does something on a ticket, or on the one that it was merged into when it refuses with TICKET_MERGED.
 * @returns what was done and the ticket it was done on. Rejects with what `act` rejects with.
 */
export async function followMerges<T>(
  ticketId: string,
  act: (ticketId: string) => Promise<T>,
): Promise<{ readonly ticketId: string; readonly done: T }> {
  let current = ticketId;
  for (let step = 1; ; step += 1) {
    try {
      return { ticketId: current, done: await act(current) };
    } catch (error) {
      const into = isAppError(error, 'TICKET_MERGED') ? error.extra['into'] : undefined;
      if (typeof into !== 'string' || step === maxSteps) throw error;
      current = into;
    }
  }
}
