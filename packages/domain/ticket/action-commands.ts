import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { AttributeCommand } from './attribute-commands.ts';
import { attributeOutcomes } from './attribute-outcomes.ts';
import type { AddComment, AssignTicket, ChangeStatus } from './commands.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

/** What a macro may be made of. */
export type MacroStep = AddComment | AssignTicket | ChangeStatus | AttributeCommand;

/** Several changes at once, each decided on what the ones before it led to; all of them come about, or none. */
export type ApplyMacro = {
  readonly type: 'ApplyMacro';
  readonly data: DataOf<'TicketMacroApplied'> & { readonly steps: readonly MacroStep[] };
};
/** Takes back what a command did, by events that lead to the contrary. */
export type UndoCommand = { readonly type: 'UndoCommand'; readonly data: { readonly commandId: string } };
export type ActionCommand = ApplyMacro | UndoCommand;

const attributeEvents = Object.entries(attributeOutcomes).flatMap(([command, events]) =>
  command.endsWith('Work') ? [] : events,
);

/** The events that these commands may lead to. */
export const actionOutcomes: { readonly [C in ActionCommand['type']]: readonly TicketEvent['type'][] } = {
  ApplyMacro: [
    'TicketMacroApplied',
    'TicketCommented',
    'TicketAssigned',
    'TicketStatusChanged',
    'TicketPostponed',
    ...new Set(attributeEvents),
  ],
  UndoCommand: [
    'TicketCommandUndone',
    'TicketAssigned',
    'TicketStatusChanged',
    'TicketPostponed',
    ...new Set(attributeEvents),
    'TicketWorkLogged',
    'TicketWorkCorrected',
    'TicketWorkRemoved',
    'TicketUnlinked',
    'TicketMarkedSpam',
    'TicketRestored',
  ],
};
