import { contextOf, stepOf } from '#packages/commands/context.ts';
import { fold } from '#packages/domain/decider.ts';
import { inboundMail } from '#packages/domain/mail/inbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { isAppError, isTransient } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { Received } from './decide.ts';
import { type Processed, unreadable } from './processed.ts';

/** Tries of one mail before it is set aside for a person to look at. Outages do not count. */
export const maxAttempts = 5;

export type ProcessDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly handle: CommandHandler;
  readonly decide: (event: Received) => Promise<Processed>;
  readonly log: Logger;
};

/**
 * The handler of InboundMailReceived: has the mail decided and carried out, and puts the decision on record. Mails that
 * have to do with each other must be handled one after the other: a reply is decided on read models that show the mail before it.
 */
export function createProcessing({ decide, handle, log, store }: ProcessDeps) {
  const record = async (event: Received, data: Processed): Promise<void> => {
    await handle({
      ...stepOf(contextOf('email-ingest', event), 'processed'),
      stream: event.stream,
      decider: inboundMail,
      command: { type: 'ProcessMail', data },
      facts: () => undefined,
    });
    log.info(
      { mail: event.stream, outcome: data.outcome, ticket: data.ticketId, reason: data.reason },
      'mail processed',
    );
  };

  return async (event: StoredEvent, { attempt }: { attempt: number }): Promise<void> => {
    if (event.type !== 'InboundMailReceived') return;
    const before = fold(inboundMail, await store.readStream(event.stream));
    // Also when it is in quarantine: releasing it from there is a person's decision.
    if (before.processed) return;
    try {
      await record(event, await decide(event));
    } catch (error) {
      if (isTransient(error) || attempt < maxAttempts) throw error;
      log.error({ err: error, mail: event.stream }, 'mail cannot be processed and is set aside');
      const reason = isAppError(error) ? error.message : 'An unexpected error; the log of email-ingest has it.';
      await record(event, unreadable(reason));
    }
  };
}
