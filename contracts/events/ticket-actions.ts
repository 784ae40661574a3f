import { Type } from 'typebox';
import { Slug, Strict, Uuid } from '../primitives.ts';

/** What is done to a ticket as a whole; the changes themselves follow as events of their own, in the same append. */
export const ticketActionEvents = {
  TicketMacroApplied: Strict({
    macroId: Slug,
    macroVersion: Type.Integer({ minimum: 1, description: 'revision of the setting' }),
    name: Type.String({ description: 'of the macro at that time' }),
  }),
  TicketCommandUndone: Strict({
    commandId: { ...Uuid, description: 'command id in the metadata of the events that are taken back' },
    eventIds: Type.Array(Uuid, { minItems: 1, description: 'those events' }),
  }),
} as const;
