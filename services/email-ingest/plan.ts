import type { Classified } from '#packages/mail/classify.ts';
import type { ThreadChoice } from '#packages/mail/thread.ts';
import type { Processed } from './processed.ts';

type MatchedBy = Processed['matchedBy'];
type Matched = Exclude<ThreadChoice, { ticketId: null }>;

/** What is to be done with a mail, and why, in one sentence for the person who asks. */
export type Plan =
  | { readonly action: 'ignore'; readonly reason: string }
  | { readonly action: 'quarantine'; readonly reason: string }
  | {
      readonly action: 'comment';
      readonly ticketId: string;
      readonly visibility: 'public' | 'internal';
      readonly matchedBy: MatchedBy;
      readonly reason: string;
    }
  | {
      readonly action: 'create';
      readonly followUpOf: string | null;
      readonly matchedBy: MatchedBy;
      readonly reason: string;
    };

type Facts = {
  readonly classified: Classified;
  readonly thread: ThreadChoice;
  /** The sender works on tickets here. */
  readonly isAgent: boolean;
};

/**
 * Decides what becomes of a mail that could be read and has a sender.
 * People always get an answer: their mail joins its ticket or opens one, a follow-up when the ticket takes no more. Automatic
 * replies join a ticket or nothing, since a new ticket for each would feed a loop. A bounce is news for agents only.
 */
export function planFor({ classified, isAgent, thread }: Facts): Plan {
  switch (classified.classification) {
    case 'own':
      return { action: 'ignore', reason: classified.reason };
    case 'bounce':
    case 'auto-reply':
      if (thread.ticketId === null) return { action: 'ignore', reason: `${classified.reason} ${thread.reason}` };
      return {
        action: 'comment',
        ticketId: thread.ticketId,
        visibility: classified.classification === 'bounce' || isAgent ? 'internal' : 'public',
        matchedBy: thread.matchedBy,
        reason: `${reasonOf(classified, thread)} ${classified.reason}`,
      };
    case 'person':
    case 'list':
      return isAgent ? planForAgent(thread) : planForCustomer(classified, thread);
    default:
      return classified.classification satisfies never;
  }
}

const reasonOf = ({ classification }: Classified, { number, reason }: Matched): string =>
  classification === 'bounce' ? `It is about a mail of #${number}.` : reason;

function planForCustomer({ automatic }: Classified, thread: ThreadChoice): Plan {
  const { matchedBy, reason, ticketId } = thread;
  if (ticketId === null) return { action: 'create', followUpOf: null, matchedBy, reason };
  // Automatic mail moves nothing, so any ticket may have it.
  if (thread.takesReplies || automatic) return { action: 'comment', ticketId, visibility: 'public', matchedBy, reason };
  const closed = `Ticket ${thread.number} was ${thread.status} and takes no more replies, so this is a follow-up.`;
  return { action: 'create', followUpOf: ticketId, matchedBy, reason: `${reason} ${closed}` };
}

/**
 * A public comment of an agent is mailed to the customer in the desk's name and stops the response clock, and From is
 * easily forged: the customer knows the Message-IDs and the reply address of the ticket, anybody can guess a number. So
 * what comes by mail from an agent's address is kept as an internal note; agents answer over the API.
 */
function planForAgent(thread: ThreadChoice): Plan {
  const { matchedBy, reason, ticketId } = thread;
  if (ticketId === null) return { action: 'create', followUpOf: null, matchedBy, reason };
  const why = 'A mail does not prove that an agent wrote it: kept as an internal note.';
  return { action: 'comment', ticketId, visibility: 'internal', matchedBy, reason: `${reason} ${why}` };
}
