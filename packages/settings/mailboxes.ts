import type { Mailbox } from '#contracts/settings.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** Addresses of all mailboxes of the desk, those that are not active included. */
export const mailboxAddresses = (settings: SettingsLookup): ReadonlySet<string> =>
  new Set(settings.inForce('mailbox').map(({ value }) => value.address));

/**
 * The mailbox that mail about a ticket comes from: the one the ticket came to, else the active one that was set up first.
 * Throws SETTING_INVALID when there is none.
 */
export function sendingMailbox(settings: SettingsLookup, mailboxId: string | null): Mailbox {
  const active = settings.inForce('mailbox').filter(({ value }) => value.active);
  const setUpAt = (id: string): string => settings.revision('mailbox', id, 1)?.savedAt ?? '';
  const [first] = active.toSorted((a, b) => (setUpAt(a.id) < setUpAt(b.id) ? -1 : 1));
  const mailbox = active.find(({ id }) => id === mailboxId) ?? first;
  if (!mailbox) throw new AppError('SETTING_INVALID', { detail: 'There is no active mailbox to send mail from.' });
  return mailbox.value;
}
