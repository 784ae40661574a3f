import type { BulkCommands } from '#packages/commands/bulk.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';

export type BulkDeps = {
  readonly bus: MessageBus;
  readonly bulk: Pick<BulkCommands, 'proceed'>;
  readonly log: Logger;
};

/**
 * Does what bulk actions ask for, some tickets at a time: each event about some that are done leads to the next ones, so
 * that nothing is kept but the log. A crash repeats the tickets under way, whose commands have been done then and count
 * once. One process at a time does this, two bulk actions at once.
 */
export async function startBulk({ bulk, bus, log }: BulkDeps) {
  const spec = { name: 'bulk', types: ['BulkActionStarted', 'BulkItemsDone'], concurrency: 2 } as const;
  const consumption = await bus.consume(spec, async (event, { signal }) => {
    await bulk.proceed(event, signal);
    log.debug({ event: event.id, stream: event.stream }, 'a bulk action has got on');
  });
  return {
    stop: () => consumption.stop(),
    readiness: () => consumersReadiness([consumption]),
    status: () => ({ state: consumersState([consumption], 'running'), position: consumption.position() }),
  };
}
