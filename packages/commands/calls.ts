import type { Message } from '#contracts/events/message.ts';
import { streams } from '#contracts/events/streams.ts';
import { company } from '#packages/domain/company/company.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type Caller, type CallerDeps, createCallers, registrationIn } from './caller.ts';
import { type CommandContext, type Outcome, outcomeOf, stepOf } from './context.ts';
import type { NewCall, NewTicket, TicketCommands } from './tickets.ts';

export type Call = Pick<NewTicket, 'subject' | 'priority' | 'followUpOf' | 'message' | 'attributes'> & {
  readonly caller: Caller;
  readonly operatorId: string;
  readonly groupId: string | null;
  readonly agentId: string | null;
  /** What the caller was told. */
  readonly answer: Message | null;
  /** Whether the answer was all that it took. */
  readonly solved: boolean;
};

/** Somebody of the call; `registered` by it, or known before. */
type Party = { readonly id: string; readonly name: string; readonly registered: boolean };
export type CallOutcome = Outcome & {
  readonly person: Party;
  readonly company: Party | null;
  readonly ticketId: string;
  readonly number: number;
};

/**
 * Calls that operators take: company, person and ticket by one command. All ids follow from the command id, or from address
 * and domain, so that a retry goes on where the first try ended. Nothing is registered before the ticket, which comes last,
 * has been decided in a dry run.
 */
export function createCallCommands(deps: CallerDeps & { readonly tickets: Pick<TicketCommands, 'registerCall'> }) {
  const { store, tickets } = deps;
  const callers = createCallers(deps);

  const party = async (kind: 'person' | 'company', id: string, context: CommandContext): Promise<Party> => {
    const events = await store.readStream(streams[kind](id));
    const { name } = kind === 'person' ? fold(person, events) : fold(company, events);
    return { id, name, registered: registrationIn(events)?.metadata.commandId === stepOf(context, kind).commandId };
  };

  const carryOut = async (call: Call, context: CommandContext) => {
    await callers.check(call.caller, context);
    return tickets.registerCall(ticketOf(call, await callers.register(call.caller, context)), context);
  };

  return {
    /**
     * Registers a call. Rejects with UNKNOWN_PERSON, UNKNOWN_COMPANY, CALLER_KNOWN (extra: candidates) and with what
     * opening, assigning and answering a ticket are refused with; nothing has been registered then.
     */
    async register(call: Call, context: CommandContext): Promise<CallOutcome> {
      // Nothing about the ticket hangs on who it is for, as whom nobody has been registered yet.
      const nobody = { personId: idFrom('caller', context.commandId), companyId: null };
      const rehearsed = await tickets.registerCall(ticketOf(call, nobody), { ...context, dryRun: true });
      const done = rehearsed.duplicate ? rehearsed : await carryOut(call, context);
      const { companyId, number, requesterId, ticketId } = done;
      const [requester, employer] = await Promise.all([
        party('person', requesterId, context),
        companyId === null ? null : party('company', companyId, context),
      ]);
      return { ...outcomeOf(done), person: requester, company: employer, ticketId, number };
    },
  };
}

export type CallCommands = ReturnType<typeof createCallCommands>;

type Requester = { readonly personId: string; readonly companyId: string | null };

function ticketOf(call: Call, { companyId, personId }: Requester): NewCall {
  const { agentId, answer, attributes, followUpOf, groupId, message, operatorId, priority, solved, subject } = call;
  const given = groupId !== null || agentId !== null;
  // Whoever solves a call at once has done the work: routing must not hand it to somebody else.
  const byOperator = solved ? { groupId: null, agentId: operatorId } : null;
  const said = { visibility: 'public', authorId: operatorId, authorRole: 'agent', channel: 'phone' } as const;
  return {
    ...{ subject, priority, followUpOf, message, companyId, requesterId: personId, mailboxId: null },
    ...(attributes && { attributes }),
    assignment: given ? { groupId, agentId } : byOperator,
    answer: answer && { ...said, message: answer, ...(solved && { status: 'resolved' }) },
  };
}
