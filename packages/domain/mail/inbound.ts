import type { InboundMailEvent } from '#contracts/events/mail.ts';
import type { Decider } from '#packages/domain/decider.ts';
import { AppError } from '#packages/kernel/errors.ts';

type DataOf<T extends InboundMailEvent['type']> = Extract<InboundMailEvent, { type: T }>['data'];

export type InboundMailState = {
  readonly received: DataOf<'InboundMailReceived'> | null;
  /** The decision that stands; null while there is none. */
  readonly processed: DataOf<'InboundMailProcessed'> | null;
};

export type InboundMailCommand =
  | { readonly type: 'ReceiveMail'; readonly data: DataOf<'InboundMailReceived'> }
  /** Receives and decides in one step, for mail that the decision must never see. */
  | {
      readonly type: 'HoldMail';
      readonly data: DataOf<'InboundMailReceived'>;
      readonly decision: DataOf<'InboundMailProcessed'>;
    }
  | { readonly type: 'ProcessMail'; readonly data: DataOf<'InboundMailProcessed'> };

/**
 * One mail that came in. It is received once, however often it is delivered, and decided once; only a mail held in
 * quarantine may be decided again. Refuses with MAIL_NOT_FOUND to decide what was never received.
 */
export const inboundMail: Decider<InboundMailState, InboundMailCommand, InboundMailEvent, void> = {
  initial: () => ({ received: null, processed: null }),

  evolve(state, event) {
    switch (event.type) {
      case 'InboundMailReceived':
        return { ...state, received: event.data };
      case 'InboundMailProcessed':
        return { ...state, processed: event.data };
      default:
        return state;
    }
  },

  decide(command, { received, processed }) {
    switch (command.type) {
      case 'ReceiveMail':
        return received ? [] : [{ type: 'InboundMailReceived', data: command.data }];
      case 'HoldMail':
        if (received) return [];
        return [
          { type: 'InboundMailReceived', data: command.data },
          { type: 'InboundMailProcessed', data: command.decision },
        ];
      case 'ProcessMail': {
        if (!received) throw new AppError('MAIL_NOT_FOUND');
        const { data } = command;
        const released = processed?.outcome === 'quarantined' && data.outcome !== 'quarantined';
        return processed === null || released ? [{ type: 'InboundMailProcessed', data }] : [];
      }
      default:
        return command satisfies never;
    }
  },
};
