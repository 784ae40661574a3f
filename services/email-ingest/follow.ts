import type { ThreadChoice } from '#packages/mail/thread.ts';
import type { Candidate } from './candidates.ts';
import type { Plan } from './plan.ts';

/** The thread of a mail, led on to the ticket that goes on when the one it belongs to was merged. */
export function followMerge(thread: ThreadChoice, candidates: readonly Candidate[]): ThreadChoice {
  const chosen = candidates.find(({ ticketId }) => ticketId === thread.ticketId);
  if (thread.ticketId === null || !chosen || chosen.goesTo.ticketId === thread.ticketId) return thread;
  const { number, status, takesReplies, ticketId } = chosen.goesTo;
  return {
    ...thread,
    ticketId,
    number,
    status,
    takesReplies,
    reason: `${thread.reason} #${chosen.number} was merged into #${number}.`,
  };
}

/** What becomes of a mail whose ticket is set aside as spam: it is kept, and nobody is bothered. Null: it is not. */
export function planForSpam(thread: ThreadChoice, candidates: readonly Candidate[], isPerson: boolean): Plan | null {
  const chosen = candidates.find(({ ticketId }) => ticketId === thread.ticketId);
  if (!chosen?.goesTo.isSpam) return null;
  const reason = `${thread.reason} #${chosen.goesTo.number} is set aside as spam.`;
  return { action: isPerson ? 'quarantine' : 'ignore', reason };
}
