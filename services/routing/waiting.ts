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
const afterRefusal = { minutes: 10 };

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

/** What a turn of giving stops at. */
export type Until = {
  readonly signal: AbortSignal;
  /** False once another process is to do it. */
  serving(): boolean;
};

/** Gives tickets that wait in their group to members of it who are free now. */
export function createWaiting(deps: Deps) {
  const { clock, db, log } = deps;
  const leftAlone = new Map<string, Temporal.Instant>();

  /** A ticket that refuses would do so again at each look, and it is a whole stream to read. */
  const refused = (ticketId: string, error: unknown): void => {
    log.error({ err: error, ticketId }, 'a ticket that waits for an agent could not be given to one');
    leftAlone.set(ticketId, clock.now().add(afterRefusal));
  };

  const isLeftAlone = ({ ticketId }: WaitingTicket): boolean => {
    const until = leftAlone.get(ticketId);
    if (until && Temporal.Instant.compare(clock.now(), until) < 0) return true;
    leftAlone.delete(ticketId);
    return false;
  };

  const givePage = async (page: readonly WaitingTicket[], { serving, signal }: Until): Promise<number> => {
    const groupIds = [...new Set(page.map(({ groupId }) => groupId))];
    let given = 0;
    let groups: ReadonlyMap<string, readonly Candidate[]> | null = null;
    for (const ticket of page) {
      if (signal.aborted || !serving()) break;
      groups ??= await candidatesNow(deps, groupIds, signal);
      const members = groups.get(ticket.groupId) ?? [];
      if (!members.some((member) => mayHave(member, ticket)) || isLeftAlone(ticket)) continue;
      if (!(await give(deps, ticket, members, refused))) continue;
      given += 1;
      groups = null;
    }
    return given;
  };

  return {
    /** Goes once through all of them, the longest waiting first; resolves to how many got an agent. */
    async giveAll(inTurn: InTurn, until: Until): Promise<number> {
      let given = 0;
      let after: WaitingTicket | null = null;
      for (;;) {
        const page: readonly WaitingTicket[] = await findWaiting(db, { after });
        if (page.length > 0) given += await inTurn(() => givePage(page, until));
        after = page.at(-1) ?? null;
        if (after === null || page.length < pageSize || until.signal.aborted || !until.serving()) return given;
      }
    },
    /** The longest waiting of one group alone. Called in a turn already. */
    giveInGroup: async (groupId: string, signal: AbortSignal): Promise<number> =>
      givePage(await findWaiting(db, { groupId }), { signal, serving: () => true }),
  };
}

async function candidatesNow(deps: Deps, groupIds: readonly string[], signal: AbortSignal) {
  await catchUp(deps, candidateReadModels, signal);
  return findCandidates(deps.db, groupIds, { at: deps.clock.now(), settings: deps.settings.current() });
}

const mayHave = ({ skills, unavailable }: Candidate, wanted: WaitingTicket): boolean =>
  unavailable === null && wanted.skills.every((skill) => skills.includes(skill));

/** True when the ticket has an agent now. It may have got one meanwhile, or be in nobody's way any more. */
async function give(
  { store, tickets }: Deps,
  { ticketId }: WaitingTicket,
  members: readonly Candidate[],
  refused: (ticketId: string, error: unknown) => void,
): Promise<boolean> {
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
    refused(ticketId, error);
    return false;
  }
}

const findWaiting = (
  db: Kysely<ReadDatabase>,
  { after = null, groupId }: { readonly after?: WaitingTicket | null; readonly groupId?: string },
): Promise<readonly WaitingTicket[]> =>
  onReadDb(async () => {
    let waiting = db
      .selectFrom('agent_load_tickets')
      .select(['ticket_id', 'waits_in', 'waits_since', 'waits_for'])
      .where('waits_in', 'is not', null)
      .where('open', '=', true)
      .where('set_aside', '=', false)
      .orderBy('waits_since')
      .orderBy('ticket_id')
      .limit(pageSize);
    if (groupId !== undefined) waiting = waiting.where('waits_in', '=', groupId);
    if (after !== null)
      waiting = waiting.where(sql<boolean>`(waits_since, ticket_id) > (${after.since}, ${after.ticketId}::uuid)`);
    const rows = await waiting.execute();
    return rows.flatMap(({ ticket_id: ticketId, waits_for: skills, waits_in, waits_since: since }) =>
      waits_in !== null && since !== null ? [{ ticketId, groupId: waits_in, since, skills }] : [],
    );
  });
