import { streams } from '#contracts/events/streams.ts';
import { problems } from '#contracts/problems.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { LogWork } from '#packages/domain/ticket/attribute-commands.ts';
import { maxFollowers, refuseTooMany } from '#packages/domain/ticket/labels.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { CommandContext, Outcome } from './context.ts';
import { companyNow, identityOf, readCompanies, readPeople, survivorOf } from './directory/subjects.ts';
import { servingRoles } from './directory-facts.ts';
import type { TicketCommands } from './tickets.ts';

type Store = Pick<EventStore, 'readStream'>;

const personOf = async (store: Store, id: string) => fold(person, await store.readStream(streams.person(id)));

/** Throws TOO_MANY_FOLLOWERS before anybody is looked up, and UNKNOWN_PERSON pointing at each that the desk does not know. */
export async function refuseStrangers(store: Store, people: readonly string[], pointer: string): Promise<void> {
  // Each is looked up once, however often a request names them.
  const distinct = [...new Set(people)];
  refuseTooMany('TOO_MANY_FOLLOWERS', distinct.length, maxFollowers, pointer);
  const known = await Promise.all(distinct.map(async (id) => (await personOf(store, id)).exists));
  const fields = distinct.flatMap((id, index): FieldError[] =>
    known[index] ? [] : [{ pointer: `${pointer}/${people.indexOf(id)}`, detail: 'is nobody the desk knows' }],
  );
  if (fields.length > 0) throw new AppError('UNKNOWN_PERSON', { fields });
}

/** Changes of tickets that need to know of people and companies. What these were is in their streams, the truth at that moment. */
export function createAttributeCommands({ store, tickets }: { store: Store; tickets: Pick<TicketCommands, 'change'> }) {
  return {
    /** Hands the ticket to somebody else, and to their company. Rejects with UNKNOWN_PERSON. */
    async changeRequester(ticketId: string, personId: string, context: CommandContext): Promise<Outcome> {
      const { exists, id, state } = await survivorOf(readPeople(store), personId);
      if (!exists) throw unknown('UNKNOWN_PERSON', '/personId');
      const companyId = await companyNow(store, state.companyId);
      return tickets.change(ticketId, { type: 'ChangeRequester', data: { personId: id, companyId } }, context);
    },
    /** Rejects with UNKNOWN_COMPANY. */
    async changeCompany(ticketId: string, to: string | null, context: CommandContext): Promise<Outcome> {
      const found = to === null ? null : await survivorOf(readCompanies(store), to);
      if (found?.exists === false) throw unknown('UNKNOWN_COMPANY', '/companyId');
      return tickets.change(ticketId, { type: 'ChangeCompany', data: { to: found?.id ?? null } }, context);
    },
    /**
     * Whoever was merged comes as who goes on for them, and goes with all who are one with them: they are shown as one. Rejects
     * with UNKNOWN_PERSON for those who are to come.
     */
    async changeFollowers(
      ticketId: string,
      data: { readonly add: readonly string[]; readonly remove: readonly string[] },
      context: CommandContext,
    ): Promise<Outcome> {
      await refuseStrangers(store, data.add, '/add');
      const read = readPeople(store);
      const [coming, going] = await Promise.all([
        Promise.all(data.add.map(async (id) => (await survivorOf(read, id)).id)),
        Promise.all(data.remove.map(async (id) => (await identityOf(read, id)).map((each) => each.id))),
      ]);
      return tickets.change(
        ticketId,
        { type: 'ChangeFollowers', data: { add: coming, remove: going.flat() } },
        context,
      );
    },
    /** Puts work on record; its id follows from the command id. Rejects with UNKNOWN_AGENT when no agent has done it. */
    async logWork(
      ticketId: string,
      work: Omit<LogWork['data'], 'workId'>,
      context: CommandContext,
    ): Promise<Outcome & { workId: string }> {
      const { roles } = await personOf(store, work.personId);
      if (!roles.some((role) => servingRoles.has(role))) throw unknown('UNKNOWN_AGENT', '/personId');
      const workId = idFrom('work', context.commandId);
      return { ...(await tickets.change(ticketId, { type: 'LogWork', data: { ...work, workId } }, context)), workId };
    },
  };
}

const unknown = (code: 'UNKNOWN_PERSON' | 'UNKNOWN_COMPANY' | 'UNKNOWN_AGENT', pointer: string): AppError =>
  new AppError(code, { fields: [{ pointer, detail: problems[code].title }] });
