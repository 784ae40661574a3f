import { AppError } from '#packages/kernel/errors.ts';
import type { ChangeCommand } from './commands.ts';
import type { Handlers } from './handlers.ts';
import type { SetAsideCommand } from './relations-commands.ts';
import type { SetAside } from './relations-state.ts';
import type { Ticket } from './state.ts';

/** What the desk does of its own accord. It has no one to hear a refusal and simply does nothing on such a ticket. */
const ofTheDesk: ReadonlySet<ChangeCommand['type']> = new Set(['BreachSla', 'FireTimer']);

export const isOfTheDesk = (type: ChangeCommand['type']): boolean => ofTheDesk.has(type);

/** Commands that take a ticket back, or end what was agreed with another ticket before. UndoCommand decides for itself. */
const accepted: ReadonlySet<ChangeCommand['type']> = new Set([
  'PrepareMerge',
  'SettleMerge',
  'ReleaseMerge',
  'Unmerge',
  'MarkSpam',
  'RestoreTicket',
  'SettleParent',
  'ReleaseChild',
  'MoveCommentIn',
  'UndoCommand',
]);

/** Those of them that even a ticket takes that is as long as it may be. */
export const endsWhatBegan = (type: ChangeCommand['type']): boolean =>
  accepted.has(type) && type !== 'PrepareMerge' && type !== 'UndoCommand';

/** The refusal of a ticket that is set aside: TICKET_MERGED (extra: into, number) or TICKET_IS_SPAM. */
export const setAsideRefusal = (number: number, setAside: SetAside): AppError =>
  setAside.kind === 'spam'
    ? new AppError('TICKET_IS_SPAM', { detail: `Ticket ${number} is set aside as spam.` })
    : new AppError('TICKET_MERGED', {
        detail: `Ticket ${number} was merged into ${setAside.number}.`,
        extra: { into: setAside.into, number: setAside.number },
      });

/**
 * What a ticket that is set aside does with a command: `take` for those that take it back or end what was begun,
 * `ignore` for what the desk tries by itself. Throws TICKET_MERGED or TICKET_IS_SPAM for all others.
 */
export function onSetAside(command: ChangeCommand, { number, setAside }: Ticket): 'take' | 'ignore' {
  if (setAside === null || accepted.has(command.type)) return 'take';
  const routed = command.type === 'AssignTicket' && command.data.reason.kind === 'routing';
  if (routed || isOfTheDesk(command.type)) return 'ignore';
  throw setAsideRefusal(number, setAside);
}

/** Spam, and what was taken for it. Refuses with TICKET_MERGED. */
export const spam: Handlers<SetAsideCommand> = {
  MarkSpam({ data }, { number, setAside }) {
    if (setAside?.kind === 'spam') return [];
    if (setAside) throw setAsideRefusal(number, setAside);
    return [{ type: 'TicketMarkedSpam', data }];
  },
  RestoreTicket({ data }, { number, setAside }) {
    if (setAside === null) return [];
    if (setAside.kind === 'merged') throw setAsideRefusal(number, setAside);
    return [{ type: 'TicketRestored', data }];
  },
};
