import type { Phone } from '#contracts/events/person-details.ts';
import { streams } from '#contracts/events/streams.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import type { FindCallers, KnownCaller } from '#packages/read-db/find-callers.ts';
import { type CommandContext, stepOf } from './context.ts';
import { companyNow, readCompanies, readPeople, survivorOf } from './directory/subjects.ts';
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
  readonly directory: Pick<DirectoryCommands, 'registerPerson' | 'registerCompany' | 'ensureCompany' | 'findByAddress'>;
  readonly findCallers: FindCallers;
};

/** Who calls: somebody known, or somebody to be registered. */
export function createCallers({ directory, findCallers, store }: CallerDeps) {
  /** Who was merged calls as who goes on for them. */
  const personOf = (id: string) => survivorOf(readPeople(store), id);
  const companyOf = (id: string) => survivorOf(readCompanies(store), id);

  /** Whether somebody was registered by something else than this very step, which may be tried again. */
  const isTaken = async (stream: string, step: CommandContext): Promise<boolean> => {
    const registration = registrationIn(await store.readStream(stream));
    return registration !== undefined && registration.metadata.commandId !== step.commandId;
  };

  /** Those who have the addresses by the log: the read models may not have heard of them yet. */
  const holdersOf = async (emails: readonly string[]): Promise<readonly KnownCaller[]> => {
    const found = await Promise.all(emails.map((email) => directory.findByAddress(email)));
    return found.flatMap((one) => (one ? [{ id: one.personId, name: one.name, matched: ['email'] as const }] : []));
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
    if ('id' in wanted) return (await companyOf(wanted.id)).id;
    const step = stepOf(context, 'company');
    const domain = address === undefined ? null : companyDomain(address);
    const register = async (domains: readonly string[]): Promise<string> =>
      (await directory.registerCompany({ name: wanted.name, domains }, step)).companyId;
    if (domain === null) return register([]);
    try {
      return await register([domain]);
    } catch (error) {
      // It is another company's: the operator knows better where the caller is from.
      if (!isAppError(error, 'DOMAIN_TAKEN')) throw error;
      return register([]);
    }
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
      if (wanted !== null && 'id' in wanted && !(await companyOf(wanted.id)).exists)
        throw unknown('UNKNOWN_COMPANY', '/caller/company/id', 'is no company the desk knows');
      await refuseKnown(caller, context);
    },

    /** Who calls, registered when new; tried again it gives the same. To be asked for once all has been checked. */
    async register(caller: Caller, context: CommandContext): Promise<{ personId: string; companyId: string | null }> {
      if ('personId' in caller) {
        const { id, state } = await personOf(caller.personId);
        return { personId: id, companyId: await companyNow(store, state.companyId) };
      }
      const { emails, name, phones } = caller;
      const companyId = await companyFor(caller, context);
      const input = { name, emails, phones, companyId, roles: ['customer'], origin: 'api' } as const;
      const { personId } = await directory.registerPerson(input, stepOf(context, 'person'));
      return { personId, companyId };
    },
  };
}

/** How somebody, or a company, became known. Their stream may begin with who else had its address or domain before. */
export const registrationIn = (events: readonly StoredEvent[]): StoredEvent | undefined =>
  events.find(({ type }) => type === 'PersonRegistered' || type === 'CompanyRegistered');

const unknown = (code: 'UNKNOWN_PERSON' | 'UNKNOWN_COMPANY', pointer: string, detail: string): AppError =>
  new AppError(code, { fields: [{ pointer, detail }] });
