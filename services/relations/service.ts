import { contextOf } from '#packages/commands/context.ts';
import { halfDoneTypes, type RelationCommands } from '#packages/commands/relations/relations.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';

export type RelationsDeps = {
  readonly bus: MessageBus;
  readonly relations: Pick<RelationCommands, 'complete'>;
  readonly log: Logger;
};

/**
 * Brings to its end what binds two tickets and was broken off between their streams: a merge or a child that was offered
 * and not settled, an offer that was not taken back, a message that has left and not arrived. As a rule whoever asked has
 * done that already and this changes nothing.
 */
export async function startRelations({ bus, log, relations }: RelationsDeps) {
  const consumption = await bus.consume({ name: 'relations', types: halfDoneTypes }, async (event) => {
    await relations.complete(event, contextOf('relations', event));
    log.debug({ event: event.id, type: event.type }, 'a relation has come to its end');
  });
  return {
    stop: () => consumption.stop(),
    readiness: () => consumersReadiness([consumption]),
    status: () => ({ state: consumersState([consumption], 'running'), position: consumption.position() }),
  };
}
