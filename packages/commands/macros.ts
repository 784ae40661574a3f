import type { Message } from '#contracts/events/message.ts';
import { streams } from '#contracts/events/streams.ts';
import type { CannedReply, MacroAction } from '#contracts/settings-replies.ts';
import { fold } from '#packages/domain/decider.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import { renderTemplate } from '#packages/domain/template.ts';
import type { MacroStep } from '#packages/domain/ticket/commands.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { escapeHtml } from '#packages/kernel/escape-html.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { sanitise } from '#packages/mail/sanitise.ts';
import type { CommandContext, Outcome } from './context.ts';
import { type TemplateValues, templateValues } from './template-values.ts';
import type { TicketCommands } from './tickets.ts';

const maxHtml = 500_000;

export type Rendered = { readonly text: string; readonly html: string | null };

/** Canned replies and macros: texts with the values of a ticket, and several changes of it at once. */
export function createMacroCommands(deps: {
  store: EventStore;
  settings: { current(): SettingsLookup };
  tickets: Pick<TicketCommands, 'applyMacro'>;
}) {
  const { settings, store, tickets } = deps;

  const ticketOf = async (ticketId: string): Promise<Ticket> => {
    const state = fold(ticket, await store.readStream(streams.ticket(ticketId)));
    if (!state.exists) throw new AppError('TICKET_NOT_FOUND');
    return state;
  };

  /** The revision of a macro. Throws MACRO_NOT_FOUND. */
  const macroOf = (macroId: string, version?: number): Revision<'macro'> => {
    const lookup = settings.current();
    const macro = version === undefined ? lookup.current('macro', macroId) : lookup.revision('macro', macroId, version);
    if (!macro) throw new AppError('MACRO_NOT_FOUND', { detail: `There is no macro ${macroId}.` });
    return macro;
  };

  return {
    macroOf,

    /** A canned reply as `agentId` would send it on the ticket. Rejects with CANNED_REPLY_NOT_FOUND and TICKET_NOT_FOUND. */
    async render(ticketId: string, replyId: string, agentId: string): Promise<Rendered> {
      const reply = settings.current().current('canned-reply', replyId);
      if (!reply) throw new AppError('CANNED_REPLY_NOT_FOUND');
      return rendered(reply.value, await templateValues(store, await ticketOf(ticketId), agentId));
    },

    /**
     * Does all that a macro says, or nothing, as the person `agentId`. `version`: the revision; left out: the one in force.
     * Rejects with MACRO_NOT_FOUND and with what its actions are refused with (`extra.step` tells which).
     */
    async apply(
      ticketId: string,
      { agentId, macroId, version }: { macroId: string; version?: number; agentId: string },
      context: CommandContext,
    ): Promise<Outcome> {
      const macro = macroOf(macroId, version);
      const values = await templateValues(store, await ticketOf(ticketId), agentId);
      const steps = macro.value.actions.map((action, index) =>
        stepOf(action, { agentId, values, commentId: idFrom('comment', context.commandId, index) }),
      );
      const { name } = macro.value;
      return tickets.applyMacro(ticketId, { macroId, macroVersion: macro.version, name, steps }, context);
    },
  };
}

export type MacroCommands = ReturnType<typeof createMacroCommands>;

function rendered({ html, text }: Pick<CannedReply, 'text' | 'html'>, values: TemplateValues): Rendered {
  // Sanitised with the values in it: escaping alone would not keep a name from becoming the address of a link.
  const safe = html === undefined ? '' : sanitise(renderTemplate(html, values, escapeHtml), maxHtml);
  return { text: renderTemplate(text, values), html: safe === '' ? null : safe };
}

type By = { readonly agentId: string; readonly commentId: string; readonly values: TemplateValues };

function stepOf(action: MacroAction, by: By): MacroStep {
  switch (action.do) {
    case 'reply':
    case 'note': {
      const message: Message = { ...rendered(action, by.values), attachments: [], mail: null };
      const visibility = action.do === 'reply' ? 'public' : 'internal';
      const author = { authorId: by.agentId, authorRole: 'agent', channel: 'api' } as const;
      return { type: 'AddComment', data: { commentId: by.commentId, visibility, ...author, message } };
    }
    case 'status':
      return { type: 'ChangeStatus', data: { to: action.to } };
    case 'priority':
      return { type: 'ChangePriority', data: { to: action.to } };
    case 'assign': {
      const agentId = action.agentId === 'me' ? by.agentId : action.agentId;
      return { type: 'AssignTicket', data: { groupId: action.groupId, agentId, reason: { kind: 'manual' } } };
    }
    case 'tags':
      return { type: 'ChangeTags', data: { add: action.add ?? [], remove: action.remove ?? [] } };
    case 'fields':
      return { type: 'ChangeFields', data: { fields: action.fields, byCustomer: false } };
    case 'type':
      return { type: 'ChangeType', data: { to: action.to } };
    case 'service':
      return { type: 'ChangeService', data: { to: action.to } };
    case 'due-date':
      return { type: 'ChangeDueDate', data: { to: action.to } };
    default:
      return action satisfies never;
  }
}
