import { streams } from '#contracts/events/streams.ts';
import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { ParsedMail } from '#packages/mail/parsed-mail.ts';
import type { Candidate, KnownMessage } from './candidates.ts';

/** What a mail has led to before: a ticket of its own, or a message on a ticket. */
export type Effect = {
  readonly outcome: 'ticket-created' | 'comment-added';
  readonly ticketId: string;
  readonly commentId: string;
};

/**
 * What an earlier, interrupted attempt at the same mail has done already; null when nothing. Deciding a second time
 * could end differently, for by now the mail itself is part of what the decision is made on.
 */
export async function earlierEffect(
  store: Pick<EventStore, 'readStream'>,
  input: { context: CommandContext; inboundMailId: string; candidates: readonly Candidate[] },
): Promise<Effect | null> {
  const { candidates, context, inboundMailId } = input;
  const ticketId = idFrom('ticket', stepOf(context, 'ticket').commandId);
  const [created] = await store.readStream(streams.ticket(ticketId), { toVersion: 1 });
  if (created?.type === 'TicketCreated')
    return { outcome: 'ticket-created', ticketId, commentId: created.data.commentId };
  const found = findMessage(candidates, ({ mail }) => mail.inboundMailId === inboundMailId);
  return found && { outcome: 'comment-added', ticketId: found.ticket.ticketId, commentId: found.commentId };
}

/**
 * The ticket that holds another copy of a mail: lists, aliases and several recipients deliver one mail more than once.
 * Author and text count as well as the id, since some programs give every mail the same Message-ID.
 */
export function copyOf(
  mail: ParsedMail,
  from: string,
  inboundMailId: string,
  candidates: readonly Candidate[],
): Candidate | null {
  const texts = [mail.full.text, mail.reply.text];
  const found = findMessage(
    candidates,
    (known) =>
      known.mail.inboundMailId !== inboundMailId &&
      known.mail.messageId !== null &&
      known.mail.messageId === mail.messageId &&
      known.mail.from === from &&
      texts.includes(known.message.text),
  );
  return found?.ticket ?? null;
}

function findMessage(
  candidates: readonly Candidate[],
  matches: (message: KnownMessage) => boolean,
): { readonly ticket: Candidate; readonly commentId: string } | null {
  for (const ticket of candidates) {
    const message = ticket.mails.find(matches);
    if (message) return { ticket, commentId: message.commentId };
  }
  return null;
}
