import type { TicketEvent } from '#contracts/events/ticket.ts';

/** What a ticket does by itself when an instant comes: open again, be closed, remind the customer, be resolved. */
export const timerKinds = ['resume', 'auto-close', 'remind', 'auto-resolve'] as const;
export type TimerKind = (typeof timerKinds)[number];

/** When each armed timer fires (RFC 3339). */
export type Timers = { readonly [K in TimerKind]?: string };

/** The events that arm and disarm timers. */
export const timerEventTypes = ['TicketStatusChanged', 'TicketPostponed', 'TicketReminded'] as const;
export type TimerEvent = Extract<TicketEvent, { type: (typeof timerEventTypes)[number] }>;

/** The timers that an event sets, null for one that it disarms. The rest stay as they are. */
export function timersOf(event: TimerEvent): { readonly [K in TimerKind]?: string | null } {
  switch (event.type) {
    case 'TicketStatusChanged': {
      const { resumeAt = null, terms } = event.data;
      return {
        resume: resumeAt,
        'auto-close': terms?.closesAt ?? null,
        remind: terms?.remindAt ?? null,
        'auto-resolve': terms?.resolveAt ?? null,
      };
    }
    case 'TicketPostponed':
      return { resume: event.data.resumeAt, 'auto-resolve': event.data.resolveAt };
    case 'TicketReminded':
      return { remind: event.data.nextAt };
  }
}

/** All timers of a ticket after an event. */
export function timersAfter(timers: Timers, event: TimerEvent): Timers {
  const set = timersOf(event);
  return Object.fromEntries(
    timerKinds.flatMap((kind) => {
      const at = kind in set ? set[kind] : timers[kind];
      return at ? [[kind, at]] : [];
    }),
  );
}
