import type { EventOf } from '#contracts/events/envelope.ts';
import type { Message } from '#contracts/events/message.ts';
import { streams } from '#contracts/events/streams.ts';
import type { ticketEvents } from '#contracts/events/ticket.ts';
import type { Channel, Priority } from '#contracts/primitives.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { NewAttributes } from '#packages/domain/ticket/attribute-commands.ts';
import type { ApplyMacro, ChangeCommand, StatusWish, TicketCommand } from '#packages/domain/ticket/commands.ts';
import type { RedactComment } from '#packages/domain/ticket/conversation-commands.ts';
import { type Directory, noDirectory, type PastEvent } from '#packages/domain/ticket/handlers.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { assignedBefore } from '#packages/domain/ticket/undo.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';
import type { DirectoryFacts } from './directory-facts.ts';
import { checkMentions } from './mentions.ts';
import { mergedTicketOf } from './relations/related-tickets.ts';
import { meanwhile } from './stale.ts';
import type { TicketNumbers } from './ticket-numbers.ts';

type DataOf<T extends keyof typeof ticketEvents> = Extract<EventOf<typeof ticketEvents>, { type: T }>['data'];

export type NewTicket = {
  readonly subject: string;
  readonly channel: Channel;
  readonly requesterId: string;
  readonly companyId: string | null;
  readonly mailboxId: string | null;
  readonly priority: Priority;
  readonly followUpOf: string | null;
  readonly message: Message;
  readonly attributes?: NewAttributes;
};

export type NewCall = Omit<NewTicket, 'channel'> & {
  readonly assignment: { readonly groupId: string | null; readonly agentId: string | null } | null;
  readonly answer: NewComment | null;
};

export type NewComment = Omit<DataOf<'TicketCommented'>, 'commentId' | 'mergedTicket'> & StatusWish;

/**
 * The write side of tickets: each function decides one command against the ticket's stream and appends the outcome.
 * All reject with the typed refusals of the ticket decider, with `VERSION_CONFLICT` when `expectedVersion` is stale,
 * and with `STORE_UNAVAILABLE`, `READ_MODEL_UNAVAILABLE` or `TIMEOUT` when a part is away.
 */
export function createTicketCommands(deps: {
  handle: CommandHandler;
  settings: { current(): SettingsLookup };
  numbers: TicketNumbers;
  directory: DirectoryFacts;
  store: Pick<EventStore, 'readStream'>;
}) {
  const run = commandsOf(deps.handle, ticket);

  const decide = async (
    id: string,
    command: TicketCommand,
    context: CommandContext,
    directory: Directory = noDirectory,
  ) =>
    run(streams.ticket(id), command, { ...context, tell: meanwhile }, (_state, now) => ({
      now,
      settings: deps.settings.current(),
      directory,
    }));

  return {
    /** Opens a ticket. Its id follows from the command id, so that a retry meets the same stream. */
    async create(
      input: NewTicket,
      context: CommandContext,
    ): Promise<Outcome & { ticketId: string; number: number; commentId: string }> {
      const ticketId = idFrom('ticket', context.commandId);
      const data = { ...input, number: await deps.numbers.next(), commentId: idFrom('comment', context.commandId) };
      const done = await decide(ticketId, { type: 'CreateTicket', data }, context);
      if (done.state.number === null) throw new AppError('INTERNAL', { detail: 'a created ticket has no number' });
      return { ...outcomeOf(done), ticketId, number: done.state.number, commentId: data.commentId };
    },
    /**
     * Opens the ticket of a call, with who goes on with it and what the caller was told, in one append. A dry run takes no
     * number.
     */
    async registerCall({ answer, assignment, ...input }: NewCall, context: CommandContext) {
      const { commandId, dryRun } = context;
      const ticketId = idFrom('ticket', commandId);
      const number = dryRun ? 1 : await deps.numbers.next();
      const reason = { kind: 'manual' } as const;
      const command: TicketCommand = {
        type: 'RegisterCall',
        data: {
          ticket: { ...input, channel: 'phone', number, commentId: idFrom('comment', commandId) },
          assignment: assignment && { type: 'AssignTicket', data: { ...assignment, reason } },
          answer: answer && {
            type: 'AddComment',
            data: { ...answer, commentId: idFrom('comment', commandId, 'answer') },
          },
        },
      };
      const directory = assignment ? await deps.directory.about(assignment) : noDirectory;
      const done = await decide(ticketId, command, context, directory);
      const { companyId, requesterId } = done.state;
      const requester = { companyId, requesterId: requesterId ?? input.requesterId };
      return { ...outcomeOf(done), ...requester, ticketId, number: done.state.number ?? number };
    },
    /** Adds a reply or an internal note, with `status` and `resumeAt` set in the same append where given. */
    async comment(
      ticketId: string,
      input: NewComment,
      context: CommandContext,
    ): Promise<Outcome & { commentId: string }> {
      const commentId = idFrom('comment', context.commandId);
      await checkMentions(deps.store, input.mentions);
      const merged = input.authorRole === 'customer' && (await mergedTicketOf(deps.store, ticketId, input.authorId));
      const data = { ...input, commentId, ...(merged && { mergedTicket: merged }) };
      return { ...outcomeOf(await decide(ticketId, { type: 'AddComment', data }, context)), commentId };
    },
    /** Hands the ticket to a group and an agent; null takes it from them. */
    async assign(ticketId: string, input: DataOf<'TicketAssigned'>, context: CommandContext): Promise<Outcome> {
      const directory = await deps.directory.about(input);
      return outcomeOf(await decide(ticketId, { type: 'AssignTicket', data: input }, context, directory));
    },
    /** Hands the ticket over to the group above its own. Rejects with NO_LINE_ABOVE. */
    async escalate(ticketId: string, explanation: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'EscalateTicket', data: { explanation } } as const;
      return outcomeOf(
        await run(streams.ticket(ticketId), command, { ...context, tell: meanwhile }, async ({ groupId }, now) => ({
          now,
          settings: deps.settings.current(),
          directory: await deps.directory.aboutLine(groupId),
        })),
      );
    },
    /** Opens a ticket whose id and number were given before; does nothing when that has been done. */
    async open(ticketId: string, data: DataOf<'TicketCreated'>, context: CommandContext): Promise<void> {
      try {
        await decide(ticketId, { type: 'CreateTicket', data }, context);
      } catch (error) {
        if (!isAppError(error, 'TICKET_EXISTS')) throw error;
      }
    },
    /** Takes back what a command did to the ticket. Rejects with COMMAND_NOT_FOUND and UNDO_REFUSED (extra: reasons). */
    async undo(ticketId: string, commandId: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'UndoCommand', data: { commandId } } as const;
      return outcomeOf(
        await run(streams.ticket(ticketId), command, context, async (_state, now, stored) => {
          // The events of a ticket's stream are those of a ticket.
          const history = stored as readonly PastEvent[];
          const before = assignedBefore(history, commandId);
          const directory = before ? await deps.directory.about(before) : noDirectory;
          return { now, settings: deps.settings.current(), directory, history };
        }),
      );
    },
    /** Several changes in one append; whoever is assigned by one of them is checked as by `assign`. */
    async applyMacro(ticketId: string, data: ApplyMacro['data'], context: CommandContext): Promise<Outcome> {
      const step = data.steps.find(({ type }) => type === 'AssignTicket');
      const directory = step?.type === 'AssignTicket' ? await deps.directory.about(step.data) : noDirectory;
      return outcomeOf(await decide(ticketId, { type: 'ApplyMacro', data }, context, directory));
    },
    /** Takes something out of a message. Rejects with COMMENT_NOT_FOUND and REDACTION_INVALID. */
    async redact(
      ticketId: string,
      input: Omit<RedactComment['data'], 'eventId'>,
      context: CommandContext,
    ): Promise<Outcome> {
      const events = await deps.store.readStream(streams.ticket(ticketId));
      const eventId = firstEventOf(events, input.commentId);
      const command = { type: 'RedactComment', data: { ...input, eventId } } as const;
      return outcomeOf(await decide(ticketId, command, context));
    },
    /** Any other change, decided on the ticket alone. */
    async change(ticketId: string, command: ChangeCommand, context: CommandContext): Promise<Outcome> {
      return outcomeOf(await decide(ticketId, command, context));
    },
  };
}

/** Id of the event that a message first came by, through all moves. Throws COMMENT_NOT_FOUND. */
function firstEventOf(events: readonly StoredEvent[], commentId: string): string {
  const said = events.findLast(
    ({ data, type }) =>
      (type === 'TicketCreated' || type === 'TicketCommented' || type === 'TicketCommentMovedIn') &&
      data.commentId === commentId,
  );
  if (said?.type === 'TicketCommentMovedIn') return said.data.eventId;
  if (said?.type === 'TicketCreated') return said.data.splitFrom?.eventId ?? said.id;
  if (said) return said.id;
  throw new AppError('COMMENT_NOT_FOUND');
}

export type TicketCommands = ReturnType<typeof createTicketCommands>;
