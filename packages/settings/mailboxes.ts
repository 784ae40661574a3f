import type { Mailbox } from '#contracts/settings.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';

/** Addresses of all mailboxes of the desk, those that are not active included. */
export const mailboxAddresses = (settings: SettingsLookup): ReadonlySet<string> =>
  new Set(settings.inForce('mailbox').map(({ value }) => value.address));

/**
 * The mailbox that mail about a ticket comes from: the one the ticket came to, else the one that was set up first; in both
 * cases an active one if there is any. Null when the desk has no mailbox at all.
 */
export function sendingMailbox(settings: SettingsLookup, mailboxId: string | null): Mailbox | null {
  const setUpAt = (id: string): string => settings.revision('mailbox', id, 1)?.savedAt ?? '';
  const rank = ({ id, value }: { id: string; value: Mailbox }) => (value.active ? 0 : 2) + (id === mailboxId ? 0 : 1);
  const [best] = settings
    .inForce('mailbox')
    .toSorted((a, b) => rank(a) - rank(b) || (setUpAt(a.id) < setUpAt(b.id) ? -1 : 1));
  return best?.value ?? null;
}
