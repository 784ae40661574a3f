import type { Phone } from '#contracts/events/person-details.ts';
import { streams } from '#contracts/events/streams.ts';
import { company } from '#packages/domain/company.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { companyIdOf, idFrom } from '#packages/kernel/ids.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import type { FindCallers } from '#packages/read-db/find-callers.ts';
import { type CommandContext, stepOf } from './context.ts';
import { newPersonId } from './directory.ts';

export type NewCaller = {
  readonly name: string;
  readonly phones: readonly Phone[];
  /** Normalised. */
  readonly emails: readonly string[];
  /** One that is known, a new one, or null: that of the mail domain. */
  readonly company: { readonly id: string } | { readonly name: string } | null;
  /** Somebody else than those who have the same number. */
  readonly confirmedNew: boolean;
};
export type Caller = { readonly personId: string } | NewCaller;

/** Who calls, and what has to be registered for that: null for what is known. */
export type CallerPlan = {
  readonly personId: string;
  readonly companyId: string | null;
  readonly person: NewCaller | null;
  readonly company: { readonly name: string; readonly domains: readonly string[] } | null;
};

/** Finds out who calls, without registering anybody. */
export function createCallerPlans(deps: { store: Pick<EventStore, 'readStream'>; findCallers: FindCallers }) {
  const { findCallers, store } = deps;

  /** Whether a stream was begun by something else than this very step, which may be tried again. */
  const isTaken = async (stream: string, step: CommandContext): Promise<boolean> => {
    const [first] = await store.readStream(stream, { fromVersion: 1, toVersion: 1 });
    return first !== undefined && first.metadata.commandId !== step.commandId;
  };

  const companyFor = async (
    { company: wanted, emails }: NewCaller,
    context: CommandContext,
  ): Promise<Pick<CallerPlan, 'company' | 'companyId'>> => {
    if (wanted !== null && 'id' in wanted) {
      if (fold(company, await store.readStream(streams.company(wanted.id))).exists)
        return { companyId: wanted.id, company: null };
      throw unknown('UNKNOWN_COMPANY', '/caller/company/id', 'is no company the desk knows');
    }
    const domain = emails[0] === undefined ? null : companyDomain(emails[0]);
    if (wanted === null && domain === null) return { companyId: null, company: null };
    const step = stepOf(context, 'company');
    if (domain !== null && (wanted === null || !(await isTaken(streams.company(companyIdOf(domain)), step))))
      return { companyId: companyIdOf(domain), company: { name: wanted?.name ?? domain, domains: [domain] } };
    return { companyId: idFrom('company', step.commandId), company: { name: wanted?.name ?? '', domains: [] } };
  };

  return {
    /** Rejects with UNKNOWN_PERSON and UNKNOWN_COMPANY. */
    async planFor(caller: Caller, context: CommandContext): Promise<CallerPlan> {
      if (!('personId' in caller)) {
        const personId = newPersonId(caller.emails, stepOf(context, 'person'));
        return { personId, person: caller, ...(await companyFor(caller, context)) };
      }
      const { companyId, exists } = fold(person, await store.readStream(streams.person(caller.personId)));
      if (!exists) throw unknown('UNKNOWN_PERSON', '/caller/personId', 'is nobody the desk knows');
      return { personId: caller.personId, companyId, person: null, company: null };
    },

    /**
     * Rejects with CALLER_KNOWN (extra: candidates) when somebody has a number or an address of the new caller already. A
     * number may be shared, so that it is for the operator to say; an address is where the mail of one person goes.
     */
    async refuseKnown({ person: caller, personId }: CallerPlan, context: CommandContext): Promise<void> {
      if (caller === null) return;
      const { confirmedNew, emails } = caller;
      const phones = confirmedNew ? [] : caller.phones.map(({ number }) => number);
      const stream = streams.person(personId);
      const [known, taken] = await Promise.all([
        findCallers({ phones, emails }),
        isTaken(stream, stepOf(context, 'person')),
      ]);
      const others = known.filter(({ id }) => taken || id !== personId);
      // The read models may not have heard of somebody yet; the log has.
      if (taken && others.every(({ id }) => id !== personId)) {
        const { name } = fold(person, await store.readStream(stream));
        others.unshift({ id: personId, name, matched: ['email'] });
      }
      if (others.length === 0) return;
      const byAddress = others.some(({ matched }) => matched.includes('email'));
      const pointer = byAddress ? '/caller/emails' : '/caller/phones';
      throw new AppError('CALLER_KNOWN', {
        detail: byAddress
          ? 'An address belongs to one person: name them by `personId`.'
          : 'Name one of `candidates` by `personId`, or say `confirmedNew`.',
        fields: [{ pointer, detail: 'belongs to somebody known' }],
        extra: { candidates: others },
      });
    },
  };
}

const unknown = (code: 'UNKNOWN_PERSON' | 'UNKNOWN_COMPANY', pointer: string, detail: string): AppError =>
  new AppError(code, { fields: [{ pointer, detail }] });
