import { streams } from '#contracts/events/streams.ts';
import { type CompanyCommand, company } from '#packages/domain/company/company.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { companyIdOf, idFrom } from '#packages/kernel/ids.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import { type CommandContext, commandsOf, isStale, type Outcome, outcomeOf, stepOf } from '../context.ts';
import { isDoneBy } from '../relations/deps.ts';
import { createHolders, isAheadWith } from './holders.ts';
import { createDirectoryMerging } from './merging.ts';
import { readCompanies, survivorOf } from './subjects.ts';

export type CompanyDeps = {
  readonly handle: CommandHandler;
  readonly store: Pick<EventStore, 'readStream'>;
  /** Ids of the companies that the read model knows by a mail domain. */
  readonly knownByDomain: (domain: string) => Promise<readonly string[]>;
};

export type NewCompany = {
  readonly name: string;
  readonly domains: readonly string[];
  readonly tariff?: string | null;
  readonly notes?: string | null;
};
type Change = Extract<CompanyCommand, { type: 'RenameCompany' | 'ChangeTariff' | 'ChangeCompanyNotes' }>;

/** The write side of companies. */
export function createCompanyCommands({ handle, knownByDomain, store }: CompanyDeps) {
  const run = commandsOf(handle, company);
  const read = readCompanies(store);
  const decide = (id: string, command: CompanyCommand, context: CommandContext) =>
    run(streams.company(id), command, context, () => undefined);

  const holders = createHolders({
    read,
    idOf: companyIdOf,
    known: knownByDomain,
    taken: 'DOMAIN_TAKEN',
    claim(domain, companyId, context) {
      const ownId = companyIdOf(domain);
      return decide(ownId, { type: 'ClaimDomain', data: { domain, companyId, ownId } }, context);
    },
    release(domain, companyId, context) {
      const ownId = companyIdOf(domain);
      return decide(ownId, { type: 'ReleaseDomain', data: { domain, companyId, ownId } }, context);
    },
    add: (companyId, domain, context) =>
      decide(companyId, { type: 'ChangeDomains', data: { companyId, add: [domain], remove: [] } }, context),
  });

  const merging = createDirectoryMerging({
    read,
    kind: 'COMPANY',
    prepare: (id, data, context) => decide(id, { type: 'PrepareCompanyMerge', data: { ...data, ownId: id } }, context),
    offer: (id, data, context) => decide(id, { type: 'OfferCompanyMerge', data: { ...data, ownId: id } }, context),
    settle: (id, data, context) => decide(id, { type: 'SettleCompanyMerge', data }, context),
    release: (id, data, context) => decide(id, { type: 'ReleaseCompanyMerge', data }, context),
    unmerge: (id, context) => decide(id, { type: 'UnmergeCompany', data: {} }, context),
  });

  /** Makes a company named as its domain on the stream that the domain leads to, or on a new one where that one is taken. */
  const foundFor = async (domain: string, context: CommandContext): Promise<string> => {
    const ownId = companyIdOf(domain);
    const data = { name: domain, domains: [domain] };
    const done = await decide(ownId, { type: 'RegisterCompany', data }, stepOf(context, 'company'));
    const claimed = await holders.holder(domain);
    // The company that was there first has let the domain go.
    const companyId = claimed ?? idFrom('company', domain, done.version);
    if (companyId === ownId) return ownId;
    // Who claims and dies before it is registered has left no company there: whoever comes next does that.
    await holders.withClaims([domain], companyId, {
      context,
      pointer: '/domains',
      act: () => decide(companyId, { type: 'RegisterCompany', data }, stepOf(context, 'company')),
    });
    return companyId;
  };

  return {
    holders,
    merging,
    /** The company of a mail domain, made when new; null for free-mail domains, which say nothing about an employer. */
    async ensureCompany(address: string, context: CommandContext): Promise<string | null> {
      const domain = companyDomain(address);
      if (domain === null) return null;
      const holder = await holders.holder(domain);
      const found = holder === null ? null : await survivorOf(read, holder);
      return found?.exists ? found.id : (await survivorOf(read, await foundFor(domain, context))).id;
    },
    /**
     * Registers a company. The id follows from the first mail domain, or is new for one without, and where the company that
     * had the domain first has let it go. Rejects with DOMAIN_TAKEN (extra: the id of the company that has it).
     */
    async registerCompany(
      { domains, name, notes = null, tariff = null }: NewCompany,
      context: CommandContext,
    ): Promise<Outcome & { companyId: string }> {
      const [domain] = domains;
      const own = domain === undefined ? null : await read(companyIdOf(domain));
      const isFree = own !== null && (!own.exists || isDoneBy(context, own));
      const companyId = isFree ? own.id : idFrom('company', context.commandId);
      const data = {
        name,
        domains: [...new Set(domains)],
        ...(tariff !== null && { tariff }),
        ...(notes !== null && { notes }),
      };
      const done = await holders.withClaims(data.domains, companyId, {
        context,
        pointer: '/domains',
        act: () => decide(companyId, { type: 'RegisterCompany', data }, context),
      });
      // Somebody wrote from the domain, or was given it, meanwhile.
      if (done.events.length === 0)
        throw new AppError('DOMAIN_TAKEN', { fields: [{ pointer: '/domains/0', detail: 'is taken' }] });
      return { ...outcomeOf(done), companyId };
    },
    /** Changes one thing about a company. Rejects with UNKNOWN_COMPANY and COMPANY_MERGED. */
    changeCompany: async (companyId: string, command: Change, context: CommandContext): Promise<Outcome> =>
      outcomeOf(await decide(companyId, command, context)),
    /** Mail domains of a company; DOMAIN_TAKEN for those of another one. */
    async changeDomains(
      companyId: string,
      change: { readonly add: readonly string[]; readonly remove: readonly string[] },
      asked: CommandContext,
    ): Promise<Outcome> {
      const context = { ...asked, indifferent: isAheadWith(change.add) };
      const command = { type: 'ChangeDomains', data: { companyId, ...change } } as const;
      const act = () => decide(companyId, command, context);
      const found = await read(companyId);
      if (isStale(context, found.events)) return outcomeOf(await act());
      const check = () => company.decide(command, found.state);
      const outcome = await holders.withClaims(change.add, companyId, { act, check, context, pointer: '/add' });
      await holders.releaseAll(change.remove, companyId, context);
      return outcomeOf(outcome);
    },
  };
}

export type CompanyCommands = ReturnType<typeof createCompanyCommands>;
