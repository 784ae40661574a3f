import type { Phone } from '#contracts/events/person-details.ts';
import { streams } from '#contracts/events/streams.ts';
import { company } from '#packages/domain/company.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { companyIdOf, personIdOf } from '#packages/kernel/ids.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import type { FindCallers, KnownCaller } from '#packages/read-db/find-callers.ts';
import { type CommandContext, stepOf } from './context.ts';
import type { DirectoryCommands } from './directory.ts';

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

export type CallerDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly directory: Pick<DirectoryCommands, 'registerPerson' | 'registerCompany' | 'ensureCompany'>;
  readonly findCallers: FindCallers;
};

/** Who calls: somebody known, or somebody to be registered. */
export function createCallers({ directory, findCallers, store }: CallerDeps) {
  const personOf = async (id: string) => fold(person, await store.readStream(streams.person(id)));

  /** Whether a stream was begun by something else than this very step, which may be tried again. */
  const isTaken = async (stream: string, step: CommandContext): Promise<boolean> => {
    const [first] = await store.readStream(stream, { fromVersion: 1, toVersion: 1 });
    return first !== undefined && first.metadata.commandId !== step.commandId;
  };

  /** Those who have the addresses by the log: the read models may not have heard of them yet. */
  const holdersOf = async (emails: readonly string[]): Promise<readonly KnownCaller[]> => {
    const ids = emails.map(personIdOf);
    const states = await Promise.all(ids.map(personOf));
    return ids.flatMap((id, index) => {
      const { exists = false, name = '' } = states[index] ?? {};
      return exists ? [{ id, name, matched: ['email'] }] : [];
    });
  };

  const refuseKnown = async ({ confirmedNew, emails, phones }: NewCaller, context: CommandContext): Promise<void> => {
    const numbers = confirmedNew ? [] : phones.map(({ number }) => number);
    const [holders, found] = await Promise.all([holdersOf(emails), findCallers({ phones: numbers, emails })]);
    const known = new Map([...holders, ...found].map((one) => [one.id, one]));
    const step = stepOf(context, 'person');
    const taken = await Promise.all([...known.keys()].map((id) => isTaken(streams.person(id), step)));
    const candidates = [...known.values()].filter((_, index) => taken[index]);
    if (candidates.length === 0) return;
    const byAddress = candidates.some(({ matched }) => matched.includes('email'));
    throw new AppError('CALLER_KNOWN', {
      detail: byAddress
        ? 'An address belongs to one person: name them by `personId`.'
        : 'Name one of `candidates` by `personId`, or say `confirmedNew`.',
      fields: [{ pointer: byAddress ? '/caller/emails' : '/caller/phones', detail: 'belongs to somebody known' }],
      extra: { candidates },
    });
  };

  const companyFor = async (
    { company: wanted, emails: [address] }: NewCaller,
    context: CommandContext,
  ): Promise<string | null> => {
    if (wanted === null) return address === undefined ? null : directory.ensureCompany(address, context);
    if ('id' in wanted) return wanted.id;
    const step = stepOf(context, 'company');
    const domain = address === undefined ? null : companyDomain(address);
    const isFree = domain !== null && !(await isTaken(streams.company(companyIdOf(domain)), step));
    const { companyId } = await directory.registerCompany({ name: wanted.name, domains: isFree ? [domain] : [] }, step);
    return companyId;
  };

  return {
    /**
     * Rejects with UNKNOWN_PERSON, UNKNOWN_COMPANY, and CALLER_KNOWN (extra: candidates) when somebody has a number or an
     * address of the new caller already. A number may be shared, so that it is for the operator to say; an address is where
     * the mail of one person goes.
     */
    async check(caller: Caller, context: CommandContext): Promise<void> {
      if ('personId' in caller) {
        if (!(await personOf(caller.personId)).exists)
          throw unknown('UNKNOWN_PERSON', '/caller/personId', 'is nobody the desk knows');
        return;
      }
      const { company: wanted } = caller;
      if (
        wanted !== null &&
        'id' in wanted &&
        !fold(company, await store.readStream(streams.company(wanted.id))).exists
      )
        throw unknown('UNKNOWN_COMPANY', '/caller/company/id', 'is no company the desk knows');
      await refuseKnown(caller, context);
    },

    /** Who calls, registered when new; tried again it gives the same. To be asked for once all has been checked. */
    async register(caller: Caller, context: CommandContext): Promise<{ personId: string; companyId: string | null }> {
      if ('personId' in caller) {
        const { companyId } = await personOf(caller.personId);
        return { personId: caller.personId, companyId };
      }
      const { emails, name, phones } = caller;
      const companyId = await companyFor(caller, context);
      const input = { name, emails, phones, companyId, roles: ['customer'], origin: 'api' } as const;
      const { personId } = await directory.registerPerson(input, stepOf(context, 'person'));
      return { personId, companyId };
    },
  };
}

const unknown = (code: 'UNKNOWN_PERSON' | 'UNKNOWN_COMPANY', pointer: string, detail: string): AppError =>
  new AppError(code, { fields: [{ pointer, detail }] });
