import { type Static, Type } from 'typebox';
import { Nullable, Slug, Strict, Uuid } from '../primitives.ts';
import { TicketParams } from './tickets.ts';

export const MacroParams = Strict({ ...TicketParams.properties, macro: Slug });
export const CannedReplyParams = Strict({ ...TicketParams.properties, reply: Slug });

export const RenderedReply = Type.Object(
  { text: Type.String(), html: Nullable(Type.String({ description: 'sanitised; values are escaped in it' })) },
  { title: 'RenderedReply' },
);

export const UndoBody = Strict(
  {
    commandId: Type.Optional({ ...Uuid, description: 'of the command, as the history of the ticket shows it' }),
    eventId: Type.Optional({
      ...Uuid,
      description: 'in its place: of any event of the command, such as an entry of the timeline',
    }),
  },
  { title: 'UndoBody', description: 'one of the two' },
);
export type UndoBody = Static<typeof UndoBody>;
