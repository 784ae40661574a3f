import type { BulkAction, BulkRequest } from '#contracts/bulk-actions.ts';
import type { BulkResult } from '#contracts/events/bulk.ts';
import { idOf, streams } from '#contracts/events/streams.ts';
import { type BulkState, bulk, pendingOf } from '#packages/domain/bulk.ts';
import { fold } from '#packages/domain/decider.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError, isTransient } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { type CommandContext, commandsOf, contextOf, type Outcome, outcomeOf, stepOf } from './context.ts';
import type { MacroCommands } from './macros.ts';
import type { TicketCommands } from './tickets.ts';

/** Tickets between two looks at whether it was cancelled, and the most that is done again after a crash. */
const batch = 25;

/** Id of the command that a bulk action sends to a ticket: the same however often it is tried. */
const commandIdOf = (bulkId: string, ticketId: string): string => idFrom('bulk', bulkId, ticketId);

/** Bulk actions: asked for here, done ticket by ticket by the service of that name through `proceed`. */
export function createBulkCommands(deps: {
  handle: CommandHandler;
  store: EventStore;
  tickets: TicketCommands;
  macros: MacroCommands;
  log: Logger;
}) {
  const { handle, log, macros, store, tickets } = deps;
  const run = commandsOf(handle, bulk);
  const none = () => undefined;
  const stateOf = async (bulkId: string): Promise<BulkState> =>
    fold(bulk, await store.readStream(streams.bulk(bulkId)));

  const start = async (action: BulkAction, ticketIds: readonly string[], context: CommandContext) => {
    const bulkId = idFrom('bulk', context.commandId);
    const data = { action, ticketIds: [...new Set(ticketIds)] };
    const done = await run(streams.bulk(bulkId), { type: 'StartBulkAction', data }, context, none);
    return { ...outcomeOf(done), bulkId, tickets: done.state.ticketIds.length };
  };

  /** One ticket's share. */
  const act = (action: BulkAction, ticketId: string, agentId: string, context: CommandContext): Promise<Outcome> => {
    switch (action.do) {
      case 'assign': {
        const { agentId, groupId } = action;
        return tickets.assign(ticketId, { groupId, agentId, reason: { kind: 'manual' } }, context);
      }
      case 'status':
        return tickets.change(ticketId, { type: 'ChangeStatus', data: { to: action.to } }, context);
      case 'priority':
        return tickets.change(ticketId, { type: 'ChangePriority', data: { to: action.to } }, context);
      case 'tags': {
        const { add = [], remove = [] } = action;
        return tickets.change(ticketId, { type: 'ChangeTags', data: { add, remove } }, context);
      }
      case 'fields': {
        const data = { fields: action.fields, byCustomer: false };
        return tickets.change(ticketId, { type: 'ChangeFields', data }, context);
      }
      case 'spam':
        return tickets.change(ticketId, { type: 'MarkSpam', data: { reason: action.reason ?? null } }, context);
      case 'macro': {
        const { macroId, macroVersion: version } = action;
        return macros.apply(ticketId, { macroId, version, agentId }, context);
      }
      case 'undo':
        return tickets.undo(ticketId, commandIdOf(action.bulkId, ticketId), context);
      default:
        return action satisfies never;
    }
  };

  /** Whether the version that a command answered with is one that it made itself. */
  const changed = async (ticketId: string, { version }: Outcome, commandId: string): Promise<boolean> => {
    const range = { fromVersion: version, toVersion: version };
    const [last] = version === 0 ? [] : await store.readStream(streams.ticket(ticketId), range);
    return last?.metadata.commandId === commandId;
  };

  /** Rejects only when a part is away, so that it is tried again; what is refused is a result like another. */
  const perform = async (action: BulkAction, ticketId: string, started: StoredEvent): Promise<BulkResult> => {
    const commandId = commandIdOf(idOf(started.stream), ticketId);
    const { actor, correlationId } = started.metadata;
    const context = { commandId, actor, source: 'bulk', correlationId, causationId: started.id };
    try {
      const outcome = await act(action, ticketId, actor.id, context);
      const done = await changed(ticketId, outcome, commandId);
      return { ticketId, outcome: done ? 'done' : 'unchanged', commandId, problem: null };
    } catch (error) {
      if (isTransient(error)) throw error;
      return { ticketId, outcome: 'failed', commandId, problem: problemOf(error, ticketId) };
    }
  };

  const problemOf = (error: unknown, ticketId: string): BulkResult['problem'] => {
    if (!isAppError(error)) log.error({ err: error, ticketId }, 'a ticket of a bulk action failed');
    const { code, extra, message: detail } = isAppError(error) ? error : new AppError('INTERNAL');
    return { code, detail, extra };
  };

  /** Tickets changed by a worker that broke off, or is still at it, before it put them on record. */
  const unrecorded = async (bulkId: string, state: BulkState): Promise<BulkResult[]> => {
    const found = pendingOf(state)
      .slice(0, batch)
      .map(async (ticketId): Promise<BulkResult[]> => {
        const commandId = commandIdOf(bulkId, ticketId);
        const events = await store.readStream(streams.ticket(ticketId));
        const done = events.some(({ metadata }) => metadata.commandId === commandId);
        return done ? [{ ticketId, outcome: 'done', commandId, problem: null }] : [];
      });
    return (await Promise.all(found)).flat();
  };

  return {
    /** Begins a bulk action. Its id follows from the command id. Rejects with MACRO_NOT_FOUND. */
    async start(request: BulkRequest, ticketIds: readonly string[], context: CommandContext) {
      if (request.do !== 'macro') return start(request, ticketIds, context);
      return start({ ...request, macroVersion: macros.macroOf(request.macroId).version }, ticketIds, context);
    },

    /** Begins what takes a bulk action back. Rejects with BULK_NOT_FOUND, BULK_RUNNING and BULK_NOT_UNDOABLE. */
    async undo(bulkId: string, context: CommandContext) {
      const state = await stateOf(bulkId);
      const { action, status } = state;
      if (!action) throw new AppError('BULK_NOT_FOUND');
      if (status === 'running') throw new AppError('BULK_RUNNING');
      const results = [...state.results, ...(await unrecorded(bulkId, state))];
      const done = results.filter(({ outcome }) => outcome === 'done').map(({ ticketId }) => ticketId);
      if (action.do === 'undo' || done.length === 0) throw new AppError('BULK_NOT_UNDOABLE');
      return start({ do: 'undo', bulkId }, done, context);
    },

    /** Stops it after what is under way. Rejects with BULK_NOT_FOUND and BULK_ENDED. */
    async cancel(bulkId: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'CancelBulkAction', data: {} } as const;
      const cancelled = await run(streams.bulk(bulkId), command, context, none);
      const record = {
        type: 'RecordBulkResults',
        data: { results: await unrecorded(bulkId, cancelled.state) },
      } as const;
      const { version, position } = await run(streams.bulk(bulkId), record, stepOf(context, 'record'), none);
      return { version, position, duplicate: cancelled.duplicate };
    },

    /**
     * Does the next tickets of a bulk action after an event of its stream, and puts the results on record, which is the
     * event after which the next ones are done. Safe to be called again with the same event. Rejects when the signal
     * aborts, and when a part is away.
     */
    async proceed(event: StoredEvent, signal: AbortSignal): Promise<void> {
      const history = await store.readStream(event.stream);
      const [started] = history;
      const { action, ...state } = fold(bulk, history);
      const later = history.some(({ type, version }) => type === 'BulkItemsDone' && version > event.version);
      if (!started || !action || state.status !== 'running' || later) return;
      const results: BulkResult[] = [];
      for (const ticketId of pendingOf({ action, ...state }).slice(0, batch)) {
        signal.throwIfAborted();
        results.push(await perform(action, ticketId, started));
      }
      const command = { type: 'RecordBulkResults', data: { results } } as const;
      await run(event.stream, command, contextOf('bulk', event), none);
    },
  };
}

export type BulkCommands = ReturnType<typeof createBulkCommands>;
