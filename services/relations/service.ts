import { contextOf } from '#packages/commands/context.ts';
import { completeInDirectory, halfDoneInDirectory } from '#packages/commands/directory/half-done.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import { halfDoneTypes, type RelationCommands } from '#packages/commands/relations/relations.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';

export type RelationsDeps = {
  readonly bus: MessageBus;
  readonly relations: Pick<RelationCommands, 'complete'>;
  readonly directory: Pick<DirectoryCommands, 'companies' | 'people'>;
  readonly log: Logger;
};

/** What somebody has claimed at once is given to them in turn, or each would find them changed by the one before. */
const keysOf = async ({ data, type }: StoredEvent): Promise<readonly string[]> => {
  if (type === 'PersonAddressClaimed') return [data.personId];
  return type === 'CompanyDomainClaimed' ? [data.companyId] : [];
};

/**
 * Brings to its end what binds two tickets, people or companies and was broken off between their streams: a merge or a child that was offered
 * and not settled, an offer that was not taken back, a message that has left and not arrived. As a rule whoever asked has
 * done that already and this changes nothing.
 */
export async function startRelations({ bus, directory, log, relations }: RelationsDeps) {
  const consumption = await bus.consume(
    { name: 'relations', types: [...halfDoneTypes, ...halfDoneInDirectory], keysOf },
    async (event) => {
      const context = contextOf('relations', event);
      await relations.complete(event, context);
      await completeInDirectory(directory, event, context);
      log.debug({ event: event.id, type: event.type }, 'a relation has come to its end');
    },
  );
  return {
    stop: () => consumption.stop(),
    readiness: () => consumersReadiness([consumption]),
    status: () => ({ state: consumersState([consumption], 'running'), position: consumption.position() }),
  };
}
