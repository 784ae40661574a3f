import type { SettingKind } from '#contracts/settings.ts';
import type { Revision, SettingsLookup } from './settings.ts';

type Use = { readonly kind: SettingKind; readonly id: string };

/** A setting in force that names this one, which therefore cannot be removed; null when none does. */
export function userOf(kind: SettingKind, id: string, settings: SettingsLookup): Use | null {
  const among = <K extends SettingKind>(user: K, names: (value: Revision<K>['value']) => boolean): Use | null => {
    const found = settings.inForce(user).find(({ value }) => names(value));
    return found ? { kind: user, id: found.id } : null;
  };
  const holds = (list: readonly string[] | undefined) => list?.includes(id) === true;
  switch (kind) {
    case 'calendar':
      return among('sla-policy', ({ calendarId }) => calendarId === id);
    case 'service':
      return (
        among('service', ({ parentId }) => parentId === id) ??
        among('sla-policy', ({ match }) => holds(match.services)) ??
        among('routing-rule', ({ match }) => holds(match.services)) ??
        among('field', ({ services }) => holds(services)) ??
        among('form', ({ serviceId }) => serviceId === id)
      );
    case 'mailbox':
      return (
        among('sla-policy', ({ match }) => holds(match.mailboxes)) ??
        among('routing-rule', ({ match }) => holds(match.mailboxes)) ??
        among('lifecycle-policy', ({ match }) => holds(match.mailboxes)) ??
        among('field', ({ mailboxes }) => holds(mailboxes))
      );
    case 'article-category':
      return among('article-category', ({ parentId }) => parentId === id);
    case 'ticket-type':
      return among('field', ({ types }) => holds(types)) ?? among('form', ({ typeId }) => typeId === id);
    case 'field':
      return among('form', ({ fields }) => holds(fields));
    default:
      return null;
  }
}
