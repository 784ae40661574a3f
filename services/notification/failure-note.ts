import type { MailTemplate } from '#contracts/events/mail.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import { ensureMailSystem } from '#packages/commands/mail-system.ts';
import { followMerges } from '#packages/commands/relations/follow-merges.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import { fold } from '#packages/domain/decider.ts';
import { outboundMail } from '#packages/domain/mail/outbound.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';

/** What a note calls a mail; null: it leads to none, as a note on each message would bury the conversation. */
const written: Readonly<Record<MailTemplate, string | null>> = {
  acknowledgement: 'The acknowledgement',
  reply: 'The answer',
  satisfaction: 'The question how satisfied they are',
  mention: 'The news of being mentioned',
  follower: null,
};

export type FailureNoteDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly tickets: Pick<TicketCommands, 'comment'>;
  readonly directory: Pick<DirectoryCommands, 'registerPerson'>;
  readonly mailDomain: string;
  readonly log: Logger;
};

/**
 * The handler of OutboundMailFailed and OutboundMailSent: tells the agents, by an internal note, whom of the recipients a
 * mail did not reach and why.
 */
export function createFailureNote({ directory, log, mailDomain, store, tickets }: FailureNoteDeps) {
  return async (event: StoredEvent): Promise<void> => {
    if (event.type !== 'OutboundMailFailed' && event.type !== 'OutboundMailSent') return;
    const { mail, open, refused } = fold(outboundMail, await store.readStream(event.stream));
    if (!mail) return;
    const reason = event.type === 'OutboundMailFailed' ? event.data.reason : null;
    const unreached = [
      ...(reason === null ? [] : [`${open.join(', ')} could not be delivered: ${reason}`]),
      ...refused.map((each) => `${each.address} was refused: ${each.reason}`),
    ];
    const { template, ticketId } = mail;
    const what = written[template];
    if (unreached.length === 0 || what === null) return;
    const text = unreached.map((each) => `${what} to ${each}`).join('\n');
    const context = contextOf('notification', event);
    try {
      const note = {
        visibility: 'internal' as const,
        authorId: await ensureMailSystem(directory, mailDomain, context),
        authorRole: 'agent' as const,
        channel: 'email' as const,
        message: { text, html: null, attachments: [], mail: null },
      };
      await followMerges(ticketId, (id) => tickets.comment(id, note, context));
    } catch (error) {
      if (!isAppError(error, 'TICKET_TOO_LONG') && !isAppError(error, 'TICKET_IS_SPAM')) throw error;
      log.warn({ ticketId, text, code: error.code }, 'the ticket does not take the note');
    }
  };
}
