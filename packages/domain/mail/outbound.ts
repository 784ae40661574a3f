import type { OutboundMailEvent, RefusedRecipient } from '#contracts/events/mail.ts';
import type { Decider } from '#packages/domain/decider.ts';
import { AppError } from '#packages/kernel/errors.ts';

type DataOf<T extends OutboundMailEvent['type']> = Extract<OutboundMailEvent, { type: T }>['data'];

export type OutboundMailState = {
  readonly status: 'none' | 'queued' | 'sent' | 'failed';
  readonly mail: DataOf<'OutboundMailQueued'> | null;
  /** Number of the last attempt that is on record. */
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  /** Recipients who have neither got it nor been refused for good. */
  readonly open: readonly string[];
  /** Recipients whom the server refused for good while it took others. */
  readonly refused: readonly RefusedRecipient[];
};

export type OutboundMailCommand =
  | { readonly type: 'QueueMail'; readonly data: DataOf<'OutboundMailQueued'> }
  | { readonly type: 'RefuseMail'; readonly data: DataOf<'OutboundMailQueued'>; readonly reason: string }
  | { readonly type: 'MarkSent'; readonly data: DataOf<'OutboundMailSent'> }
  | { readonly type: 'DeferMail'; readonly data: DataOf<'OutboundMailDeferred'> }
  | { readonly type: 'FailMail'; readonly data: DataOf<'OutboundMailFailed'> };

/**
 * One mail that goes out. Sent and failed are final: a later report changes nothing, nor does the failure of an attempt
 * that is on record. A success always counts, also of an attempt first taken for a failure. Refuses with MAIL_NOT_FOUND to report on what was never queued.
 */
export const outboundMail: Decider<OutboundMailState, OutboundMailCommand, OutboundMailEvent, void> = {
  initial: () => ({ status: 'none', mail: null, attempts: 0, nextAttemptAt: null, open: [], refused: [] }),

  evolve(state, event) {
    switch (event.type) {
      case 'OutboundMailQueued':
        return { ...state, status: 'queued', mail: event.data, open: [...event.data.to, ...event.data.cc] };
      case 'OutboundMailSent':
        return {
          ...state,
          status: 'sent',
          attempts: event.data.attempt,
          nextAttemptAt: null,
          open: [],
          refused: [...state.refused, ...(event.data.refused ?? [])],
        };
      case 'OutboundMailDeferred':
        return {
          ...state,
          ...settled(state, event.data),
          attempts: event.data.attempt,
          nextAttemptAt: event.data.nextAttemptAt,
        };
      case 'OutboundMailFailed':
        return { ...state, status: 'failed', attempts: event.data.attempt, nextAttemptAt: null };
      default:
        return state;
    }
  },

  decide(command, { status, attempts }) {
    if (command.type === 'QueueMail')
      return status === 'none' ? [{ type: 'OutboundMailQueued', data: command.data }] : [];
    // On record although it cannot be sent, so that whoever waits for it learns why; and never due in between.
    if (command.type === 'RefuseMail')
      return status === 'none'
        ? [
            { type: 'OutboundMailQueued', data: command.data },
            { type: 'OutboundMailFailed', data: { attempt: 0, reason: command.reason } },
          ]
        : [];
    if (status === 'none') throw new AppError('MAIL_NOT_FOUND');
    if (status !== 'queued') return [];
    if (command.type === 'MarkSent') return [{ type: 'OutboundMailSent', data: command.data }];
    if (command.data.attempt <= attempts) return [];
    switch (command.type) {
      case 'DeferMail':
        return [{ type: 'OutboundMailDeferred', data: command.data }];
      case 'FailMail':
        return [{ type: 'OutboundMailFailed', data: command.data }];
      default:
        return command satisfies never;
    }
  },
};

/** Whom the next attempt is for, and whom none will ever reach. */
function settled(
  state: OutboundMailState,
  { refused = [], taken = [] }: DataOf<'OutboundMailDeferred'>,
): Pick<OutboundMailState, 'open' | 'refused'> {
  const done = new Set([...taken, ...refused.map(({ address }) => address)]);
  return { open: state.open.filter((address) => !done.has(address)), refused: [...state.refused, ...refused] };
}
