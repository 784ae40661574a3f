import type { CompanyEvent } from '#contracts/events/directory.ts';
import type { Decider } from './decider.ts';

export type CompanyState = { readonly exists: boolean; readonly name: string; readonly domains: readonly string[] };

export type CompanyCommand = {
  readonly type: 'RegisterCompany';
  readonly data: { readonly name: string; readonly domains: readonly string[] };
};

/** One company. Registering one that exists changes nothing, since two mails of a new domain may race. */
export const company: Decider<CompanyState, CompanyCommand, CompanyEvent, void> = {
  initial: () => ({ exists: false, name: '', domains: [] }),
  evolve: (state, event) => (event.type === 'CompanyRegistered' ? { exists: true, ...event.data } : state),
  decide: ({ data: { name, domains } }, state) =>
    state.exists ? [] : [{ type: 'CompanyRegistered', data: { name, domains: [...domains] } }],
};
