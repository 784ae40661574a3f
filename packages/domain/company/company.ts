import type { CompanyEvent } from '#contracts/events/directory.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider, Recorded } from '../decider.ts';
import { type Claims, canClaim, holderOf, namesAfter, namesChange } from '../directory/holding.ts';
import { type Merging, refuseMerged, unmerged } from '../directory/merging.ts';
import { type CompanyMergeCommand, companyMergingAfter, decideCompanyMerge } from './merging.ts';

type Data<T extends CompanyEvent['type']> = Extract<CompanyEvent, { type: T }>['data'];
type Command<Type extends string, D> = { readonly type: Type; readonly data: Readonly<D> };

export type CompanyState = {
  readonly exists: boolean;
  readonly name: string;
  readonly domains: readonly string[];
  readonly tariff: string | null;
  readonly notes: string | null;
  /** Whom the mail domain that leads to this stream was given to. */
  readonly claims: Claims;
  readonly merging: Merging;
};

/** A domain and whose it is to be, or to be no more; `ownId` is the id that follows from the domain. */
type Claim = { domain: string; companyId: string; ownId: string };
type DomainCommand = Command<'ClaimDomain', Claim> | Command<'ReleaseDomain', Claim>;
type OwnCommand =
  | Command<'RenameCompany', Data<'CompanyRenamed'>>
  | Command<'ChangeDomains', { companyId: string; add: readonly string[]; remove: readonly string[] }>
  | Command<'ChangeTariff', Data<'CompanyTariffChanged'>>
  | Command<'ChangeCompanyNotes', Data<'CompanyNotesChanged'>>;
export type CompanyCommand =
  | Command<'RegisterCompany', Data<'CompanyRegistered'>>
  | DomainCommand
  | OwnCommand
  | CompanyMergeCommand;

export const maxDomains = 100;

/**
 * One company. Registering one that exists changes nothing, since two mails of a new domain may race; nor does it where the
 * domain that leads to the stream is another company's by now. Refuses with UNKNOWN_COMPANY, COMPANY_MERGED, DOMAIN_TAKEN
 * and TOO_MANY_DOMAINS, and as merging does.
 */
export const company: Decider<CompanyState, CompanyCommand, CompanyEvent, void> = {
  initial: () => ({
    exists: false,
    name: '',
    domains: [],
    tariff: null,
    notes: null,
    claims: {},
    merging: unmerged,
  }),
  evolve,
  decide(command, state) {
    if (command.type === 'RegisterCompany') return register(command.data, state);
    if (command.type === 'ClaimDomain' || command.type === 'ReleaseDomain') return decideDomain(command, state);
    if (!state.exists) throw new AppError('UNKNOWN_COMPANY');
    switch (command.type) {
      case 'PrepareCompanyMerge':
      case 'OfferCompanyMerge':
      case 'SettleCompanyMerge':
      case 'ReleaseCompanyMerge':
      case 'UnmergeCompany':
        return decideCompanyMerge(command, state.merging);
      default:
        refuseMerged(state.merging, 'COMPANY');
        return change(command, state);
    }
  },
};

function evolve(state: CompanyState, event: Recorded<CompanyEvent>): CompanyState {
  switch (event.type) {
    case 'CompanyRegistered': {
      const { domains, name, notes = null, tariff = null } = event.data;
      return { ...state, exists: true, name, domains, notes, tariff };
    }
    case 'CompanyRenamed':
      return { ...state, name: event.data.name };
    case 'CompanyDomainsChanged':
      return { ...state, domains: namesAfter(state.domains, event.data) };
    case 'CompanyTariffChanged':
      return { ...state, tariff: event.data.tariff };
    case 'CompanyNotesChanged':
      return { ...state, notes: event.data.notes };
    case 'CompanyDomainClaimed':
      return { ...state, claims: { ...state.claims, [event.data.domain]: event.data.companyId } };
    case 'CompanyDomainReleased':
      return { ...state, claims: { ...state.claims, [event.data.domain]: null } };
    default:
      return { ...state, merging: companyMergingAfter(state.merging, event) };
  }
}

const register = (data: Data<'CompanyRegistered'>, { claims, exists }: CompanyState): CompanyEvent[] =>
  exists || data.domains.some((domain) => typeof claims[domain] === 'string')
    ? []
    : [{ type: 'CompanyRegistered', data }];

/** Whose the domain is that leads to this stream, whether a company is registered there or not. */
function decideDomain({ data, type }: DomainCommand, { claims, domains: held }: CompanyState): CompanyEvent[] {
  const { companyId, domain, ownId } = data;
  const claim = { name: domain, holder: companyId, ownId };
  switch (type) {
    case 'ClaimDomain':
      return canClaim(claim, { claims, held }, 'DOMAIN_TAKEN')
        ? [{ type: 'CompanyDomainClaimed', data: { domain, companyId } }]
        : [];
    case 'ReleaseDomain':
      return holderOf(domain, { claims, held }, ownId) === companyId && companyId !== ownId
        ? [{ type: 'CompanyDomainReleased', data: { domain, companyId } }]
        : [];
    default:
      return type satisfies never;
  }
}

function change(command: OwnCommand, state: CompanyState): CompanyEvent[] {
  switch (command.type) {
    case 'RenameCompany':
      return command.data.name === state.name ? [] : [{ type: 'CompanyRenamed', data: command.data }];
    case 'ChangeDomains':
      return changeDomains(command.data, state);
    case 'ChangeTariff':
      return command.data.tariff === state.tariff ? [] : [{ type: 'CompanyTariffChanged', data: command.data }];
    case 'ChangeCompanyNotes': {
      const notes = command.data.notes?.trim() || null;
      return notes === state.notes ? [] : [{ type: 'CompanyNotesChanged', data: { notes } }];
    }
    default:
      return command satisfies never;
  }
}

function changeDomains(
  { companyId, ...change }: { companyId: string; add: readonly string[]; remove: readonly string[] },
  { claims, domains: held }: CompanyState,
): CompanyEvent[] {
  const found = namesChange(held, change);
  if (!found) return [];
  for (const name of found.added)
    canClaim({ name, holder: companyId, ownId: companyId }, { claims, held }, 'DOMAIN_TAKEN');
  if (found.added.length > 0 && namesAfter(held, found).length > maxDomains)
    throw new AppError('TOO_MANY_DOMAINS', {
      fields: [{ pointer: '/add', detail: `must leave at most ${maxDomains}` }],
      extra: { limit: maxDomains },
    });
  return [{ type: 'CompanyDomainsChanged', data: { added: [...found.added], removed: [...found.removed] } }];
}
