import type { Kysely } from 'kysely';
import { idOf } from '#contracts/events/streams.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import { route } from '#packages/domain/routing/route.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { candidateReadModels, findCandidates } from './candidates.ts';

const settingsMs = 5_000;

export type RoutingDeps = {
  readonly bus: MessageBus;
  readonly store: Pick<EventStore, 'head'>;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current' | 'reached'>;
  readonly tickets: Pick<TicketCommands, 'assign'>;
  readonly log: Logger;
};

/**
 * Gives each new ticket a group and an agent by the routing rules. One ticket at a time, each decided on read models
 * that show the assignment before: of two tickets made at once, the second must not find the same agent idle.
 * The ticket itself refuses nothing here but ignores routing once somebody has been assigned.
 */
export async function startRouting(deps: RoutingDeps) {
  const { bus, db, log, settings, tickets } = deps;
  let assigned = 0;

  const handle = async (event: StoredEvent): Promise<void> => {
    if (event.type !== 'TicketCreated') return;
    if (!(await settings.reached(event.position, settingsMs)))
      throw new AppError('STORE_UNAVAILABLE', { detail: 'The routing rules cannot be read just now.' });
    await catchUp(deps, candidateReadModels);
    const inForce = settings.current();
    const rules = inForce.inForce('routing-rule');
    const serviceId = event.data.attributes?.serviceId ?? null;
    const services = servicePath(serviceId, inForce).flatMap((id) => inForce.current('service', id) ?? []);
    const groupIds = [...rules, ...services].flatMap(({ value }) => value.groupId ?? []);
    const at = Temporal.Instant.from(event.metadata.at);
    const groups = await findCandidates(db, groupIds, { at, settings: inForce });
    const decision = route({ ...event.data, serviceId }, rules, groups, services);
    const ticketId = idOf(event.stream);
    log.debug({ ticketId, ...decision }, 'routed');
    if (decision.groupId === null) return;
    await tickets.assign(ticketId, decision, contextOf('routing', event));
    assigned += 1;
  };

  const consumption = await bus.consume({ name: 'routing', types: ['TicketCreated'], concurrency: 1 }, handle);

  return {
    stop: () => consumption.stop(),
    readiness: () => consumersReadiness([consumption]),
    status: () => ({
      state: consumersState([consumption], `running, ${assigned} tickets assigned`),
      position: consumption.position(),
    }),
  };
}
