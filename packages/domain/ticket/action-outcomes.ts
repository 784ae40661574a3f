import type { TicketEvent } from '#contracts/events/ticket.ts';
import { attributeOutcomes } from './attribute-outcomes.ts';
import type { ActionCommand } from './commands.ts';

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
