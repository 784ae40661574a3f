import { type Kysely, sql } from 'kysely';
import { streams } from '#contracts/events/streams.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { Candidate } from '#packages/domain/routing/candidates.ts';
import { routeWaiting } from '#packages/domain/routing/route.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { candidateReadModels, findCandidates } from './candidates.ts';

const pageSize = 50;

/** Keeps decisions apart: each must be made on read models that show the one before. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

type Deps = {
  readonly clock: Clock;
  readonly db: Kysely<ReadDatabase>;
  readonly store: Pick<EventStore, 'head' | 'readStream'>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current'>;
  readonly tickets: Pick<TicketCommands, 'assign'>;
  readonly log: Logger;
};
type WaitingTicket = {
  readonly ticketId: string;
  readonly groupId: string;
  readonly since: Date;
  readonly skills: readonly string[];
};

/** Goes once through the tickets that wait for an agent, the longest waiting first; resolves to how many got one. */
export async function giveWaiting(
  deps: Deps,
  { inTurn, signal }: { inTurn: InTurn; signal: AbortSignal },
): Promise<number> {
  let given = 0;
  let after: WaitingTicket | null = null;
  for (;;) {
    const page: readonly WaitingTicket[] = await findWaiting(deps.db, after);
    if (page.length > 0) given += await inTurn(() => givePage(deps, page, signal));
    after = page.at(-1) ?? null;
    if (after === null || page.length < pageSize || signal.aborted) return given;
  }
}

async function givePage(deps: Deps, page: readonly WaitingTicket[], signal: AbortSignal): Promise<number> {
  const groupIds = [...new Set(page.map(({ groupId }) => groupId))];
  let given = 0;
  let groups: ReadonlyMap<string, readonly Candidate[]> | null = null;
  for (const ticket of page) {
    if (signal.aborted) break;
    groups ??= await candidatesNow(deps, groupIds);
    const members = groups.get(ticket.groupId) ?? [];
    if (!members.some((member) => mayHave(member, ticket)) || !(await give(deps, ticket, members))) continue;
    given += 1;
    groups = null;
  }
  return given;
}

async function candidatesNow(deps: Deps, groupIds: readonly string[]) {
  await catchUp(deps, candidateReadModels);
  return findCandidates(deps.db, groupIds, { at: deps.clock.now(), settings: deps.settings.current() });
}

const mayHave = ({ skills, unavailable }: Candidate, wanted: WaitingTicket): boolean =>
  unavailable === null && wanted.skills.every((skill) => skills.includes(skill));

/** True when the ticket has an agent now. It may have got one meanwhile, or be in nobody's way any more. */
async function give(deps: Deps, { ticketId }: WaitingTicket, members: readonly Candidate[]): Promise<boolean> {
  const { log, store, tickets } = deps;
  const history = await store.readStream(streams.ticket(ticketId));
  const left = history.findLast((event) => event.type === 'TicketAssigned');
  if (left?.type !== 'TicketAssigned') return false;
  const { groupId, reason } = left.data;
  const decision = groupId !== null && reason.kind === 'routing' ? routeWaiting({ groupId, reason }, members) : null;
  if (!decision) return false;
  try {
    const before = history.at(-1)?.version ?? 0;
    const { version } = await tickets.assign(ticketId, decision, contextOf('routing', left, 'waiting'));
    return version > before;
  } catch (error) {
    if (isTransient(error)) throw error;
    // One ticket that refuses must not keep the others waiting.
    log.error({ err: error, ticketId }, 'a ticket that waits for an agent could not be given to one');
    return false;
  }
}

const findWaiting = (db: Kysely<ReadDatabase>, after: WaitingTicket | null): Promise<readonly WaitingTicket[]> =>
  onReadDb(async () => {
    const waiting = db
      .selectFrom('agent_load_tickets')
      .select(['ticket_id', 'waits_in', 'waits_since', 'waits_for'])
      .where('waits_in', 'is not', null)
      .where('open', '=', true)
      .where('set_aside', '=', false)
      .orderBy('waits_since')
      .orderBy('ticket_id')
      .limit(pageSize);
    const rows = await (after === null
      ? waiting
      : waiting.where(sql<boolean>`(waits_since, ticket_id) > (${after.since}, ${after.ticketId}::uuid)`)
    ).execute();
    return rows.flatMap(({ ticket_id: ticketId, waits_for: skills, waits_in: groupId, waits_since: since }) =>
      groupId !== null && since !== null ? [{ ticketId, groupId, since, skills }] : [],
    );
  });
