import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import type { Principal } from '#packages/http/auth.ts';

/** For whom, and of when, something is shown. */
export type Reader = {
  /** Customers are told what is public. */
  readonly forCustomer: boolean;
  /** What a custom status was called at a revision of it; null for customers when it had no public name. */
  statusThen(id: string, revision: number): string | null;
  /** What it is called now; when it is no longer in force, or shown from the past, what it was called then. */
  statusNow(id: string, revision: number): string | null;
};

/** @param past what is shown was folded from the log as of a moment */
export function readerOf(
  { settings }: { readonly settings: { current(): SettingsLookup } },
  { role }: Pick<Principal, 'role'>,
  { past = false }: { past?: boolean } = {},
): Reader {
  const forCustomer = role === 'customer';
  // A revision that this process has not heard of yet is shown by the id, as people without a name are.
  const nameOf = (id: string, found: Revision<'status'> | null) =>
    forCustomer ? (found?.value.publicName ?? null) : (found?.value.name ?? id);
  const then = (id: string, revision: number) => settings.current().revision('status', id, revision);
  return {
    forCustomer,
    statusThen: (id, revision) => nameOf(id, then(id, revision)),
    statusNow: (id, revision) =>
      nameOf(id, (past ? null : settings.current().current('status', id)) ?? then(id, revision)),
  };
}
