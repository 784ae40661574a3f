import type { Kysely } from 'kysely';
import { idOf } from '#contracts/events/streams.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import { route } from '#packages/domain/routing/route.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { startLoop } from '#packages/kernel/loop.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { candidateReadModels, findCandidates } from './candidates.ts';
import { createWaiting, type InTurn } from './waiting.ts';

const settingsMs = 5_000;
/** Somebody who is free again gets a ticket that waits at most this much later. */
const betweenLooksMs = 10_000;
const notServingMs = 1_000;

export type RoutingDeps = {
  readonly clock: Clock;
  readonly bus: MessageBus;
  readonly store: Pick<EventStore, 'head' | 'readStream'>;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current' | 'reached'>;
  readonly tickets: Pick<TicketCommands, 'assign'>;
  readonly log: Logger;
};

/**
 * Gives each new ticket a group and an agent by the routing rules, and those that had to wait in their group an agent once
 * somebody is back, has room, or has come on shift. One ticket at a time, each decided on read models
 * that show the assignment before: of two tickets made at once, the second must not find the same agent idle. Nor does a
 * new one take the agent whom one that waits in the same group could have.
 * The ticket itself refuses nothing here but ignores routing once somebody has been assigned.
 */
export async function startRouting(deps: RoutingDeps) {
  const { bus, db, log, settings, tickets } = deps;
  const waiting = createWaiting(deps);
  let assigned = 0;

  const handle = async (event: StoredEvent, signal: AbortSignal): Promise<void> => {
    if (event.type !== 'TicketCreated') return;
    if (!(await settings.reached(event.position, settingsMs)))
      throw new AppError('STORE_UNAVAILABLE', { detail: 'The routing rules cannot be read just now.' });
    const inForce = settings.current();
    const rules = inForce.inForce('routing-rule');
    const serviceId = event.data.attributes?.serviceId ?? null;
    const services = servicePath(serviceId, inForce).flatMap((id) => inForce.current('service', id) ?? []);
    const groupIds = [...rules, ...services].flatMap(({ value }) => value.groupId ?? []);
    const at = Temporal.Instant.from(event.metadata.at);
    const decide = async () => {
      await catchUp(deps, candidateReadModels, signal);
      const groups = await findCandidates(db, groupIds, { at, settings: inForce });
      return route({ ...event.data, serviceId }, rules, groups, services);
    };
    let decision = await decide();
    const { agentId, groupId } = decision;
    const given = groupId !== null && agentId !== null ? await waiting.giveInGroup(groupId, signal) : 0;
    if (given > 0) decision = await decide();
    assigned += given;
    const ticketId = idOf(event.stream);
    log.debug({ ticketId, ...decision }, 'routed');
    if (decision.groupId === null) return;
    await tickets.assign(ticketId, decision, contextOf('routing', event));
    assigned += 1;
  };

  const inTurn = createTurns();
  const consumption = await bus.consume(
    { name: 'routing', types: ['TicketCreated'], concurrency: 1 },
    (event, { signal }) => inTurn(() => handle(event, signal)),
  );
  // One process serves; a second one would choose by a load that the first is just changing.
  const serving = () => consumption.state() === 'serving';
  const looking = startLoop({
    name: 'tickets that wait for an agent',
    log,
    async turn(signal) {
      if (!serving()) return notServingMs;
      assigned += await waiting.giveAll(inTurn, { signal, serving });
      return betweenLooksMs;
    },
  });

  return {
    async stop() {
      await Promise.all([looking.stop(), consumption.stop()]);
    },
    readiness: () => consumersReadiness([consumption]),
    status: () => ({
      state: consumersState([consumption], looking.failure() ?? `running, ${assigned} tickets assigned`),
      position: consumption.position(),
    }),
  };
}

/** Runs what is asked for one after the other, in the order it was asked for. */
function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
}
