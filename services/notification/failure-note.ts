import type { MailTemplate } from '#contracts/events/mail.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import { ensureMailSystem } from '#packages/commands/mail-system.ts';
import { followMerges } from '#packages/commands/relations/follow-merges.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';

const written: Readonly<Record<MailTemplate, string>> = {
  acknowledgement: 'The acknowledgement',
  reply: 'The answer',
  satisfaction: 'The question how satisfied they are',
};

export type FailureNoteDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly tickets: Pick<TicketCommands, 'comment'>;
  readonly directory: Pick<DirectoryCommands, 'registerPerson'>;
  readonly mailDomain: string;
  readonly log: Logger;
};

/** The handler of OutboundMailFailed: tells the agents, by an internal note, that a mail did not reach the customer. */
export function createFailureNote({ directory, log, mailDomain, store, tickets }: FailureNoteDeps) {
  return async (event: StoredEvent): Promise<void> => {
    if (event.type !== 'OutboundMailFailed') return;
    const [queued] = await store.readStream(event.stream, { toVersion: 1 });
    if (queued?.type !== 'OutboundMailQueued') return;
    const { cc, template, ticketId, to } = queued.data;
    const text = `${written[template]} to ${[...to, ...cc].join(', ')} could not be delivered: ${event.data.reason}`;
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
