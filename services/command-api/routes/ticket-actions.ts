import { refusals } from '#contracts/api/problem.ts';
import { CannedReplyParams, MacroParams, RenderedReply, UndoBody } from '#contracts/api/ticket-actions.ts';
import { streams } from '#contracts/events/streams.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { CommandApiDeps } from '../deps.ts';
import { visibleTicket } from '../facts.ts';
import { agents, registerTicketChange } from '../ticket-change.ts';

/** What the actions of a macro may be refused with. */
export const macroRefusals = [
  'MACRO_NOT_FOUND',
  'UNKNOWN_STATUS',
  'ILLEGAL_TRANSITION',
  'FIELDS_REQUIRED',
  'FIELD_INVALID',
  'UNKNOWN_GROUP',
  'UNKNOWN_AGENT',
  'AGENT_NOT_IN_GROUP',
  'UNKNOWN_TYPE',
  'UNKNOWN_SERVICE',
  'TOO_MANY_TAGS',
] as const;

/** The command that a body names, by its id or by one of its events. Throws INVALID_REQUEST and COMMAND_NOT_FOUND. */
async function commandOf({ store }: CommandApiDeps, ticketId: string, body: UndoBody): Promise<string> {
  const { commandId, eventId } = body;
  if ((commandId === undefined) === (eventId === undefined)) {
    const fields = [{ pointer: '', detail: 'must have either `commandId` or `eventId`' }];
    throw new AppError('INVALID_REQUEST', { detail: 'It is not clear what is to be undone.', fields });
  }
  if (commandId !== undefined) return commandId;
  const event = (await store.readStream(streams.ticket(ticketId))).find(({ id }) => id === eventId);
  if (!event) throw new AppError('COMMAND_NOT_FOUND', { detail: 'The ticket has no such event.' });
  return event.metadata.commandId;
}

/** What is done to a ticket as a whole: macros, canned replies, undo. */
export function registerTicketActions(app: HttpServer, deps: CommandApiDeps): void {
  const { macros, tickets } = deps;

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/macros/:macro',
    command: 'ApplyMacro',
    summary: 'Apply a macro',
    description:
      'All that it says comes about in one step, or nothing: a refusal is that of one of its actions, which `step` counts ' +
      'from 0. Replies go to the customer by mail like others.',
    params: MacroParams,
    refusals: macroRefusals,
    change: ({ id, params, principal, context }) =>
      macros.apply(id, { macroId: params['macro'] ?? '', agentId: principal.personId }, context),
  });

  app.post(
    '/v1/tickets/:ticket/canned-replies/:reply',
    {
      config: { access: agents, commands: [] },
      schema: {
        tags: ['tickets'],
        params: CannedReplyParams,
        summary: 'Fill in a canned reply',
        description: 'The text with the values of this ticket, as you would send it. Changes nothing.',
        response: { 200: RenderedReply, ...refusals('TICKET_NOT_FOUND', 'CANNED_REPLY_NOT_FOUND') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const id = await visibleTicket(deps, request.params.ticket, principal);
      return macros.render(id, request.params.reply, principal.personId);
    },
  );

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/undo',
    command: 'UndoCommand',
    summary: 'Take back what a command did',
    description:
      'Exactly, by events that lead to the contrary, or not at all: `reasons` names each event in the way. What was said, ' +
      'what was changed again later, and merges, parents and moves, which have their own way back, are refused. The SLA ' +
      'clocks go on by their own rules.',
    body: UndoBody,
    refusals: ['COMMAND_NOT_FOUND', 'UNDO_REFUSED'],
    change: async ({ id, body, context }) => tickets.undo(id, await commandOf(deps, id, body), context),
  });
}
