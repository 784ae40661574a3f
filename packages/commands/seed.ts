import type { Calendar, Mailbox, RoutingRule, Satisfaction, SettingKind, SlaPolicy } from '#contracts/settings.ts';
import type { LifecyclePolicy } from '#contracts/settings-lifecycle.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { CommandContext } from './context.ts';
import type { DirectoryCommands } from './directory.ts';
import type { SettingCommands } from './settings.ts';

const nineToSix = [{ from: '09:00', to: '18:00' }];
const allDay = [{ from: '00:00', to: '24:00' }];

const office: Calendar = {
  name: 'Office hours',
  timeZone: 'UTC',
  week: {
    monday: nineToSix,
    tuesday: nineToSix,
    wednesday: nineToSix,
    thursday: nineToSix,
    friday: nineToSix,
    saturday: [],
    sunday: [],
  },
  holidays: [],
  exceptions: [],
};
const always: Calendar = {
  name: 'Around the clock',
  timeZone: 'UTC',
  week: {
    monday: allDay,
    tuesday: allDay,
    wednesday: allDay,
    thursday: allDay,
    friday: allDay,
    saturday: allDay,
    sunday: allDay,
  },
  holidays: [],
  exceptions: [],
};
const urgent: SlaPolicy = {
  name: 'Urgent',
  order: 10,
  match: { priorities: ['urgent'] },
  calendarId: 'always',
  firstResponseMinutes: 30,
  nextResponseMinutes: 60,
  resolutionMinutes: 480,
};
const standard: SlaPolicy = {
  name: 'Standard',
  order: 100,
  match: {},
  calendarId: 'office',
  firstResponseMinutes: 240,
  nextResponseMinutes: 480,
  resolutionMinutes: 2_400,
};
const lifecycle: LifecyclePolicy = { name: 'Standard', order: 100, match: {}, reopenDays: 14, autoCloseDays: 7 };

const satisfaction: Satisfaction = { active: true, question: 'How did we solve your request?', openDays: 30 };

/** Groups a new desk begins with. Their ids are fixed, so that the first routing rules can name them. */
export const firstGroups = {
  support: { groupId: idFrom('group', 'support'), name: 'Support' },
  billing: { groupId: idFrom('group', 'billing'), name: 'Billing' },
} as const;

const toGroup = (name: string, order: number, groupId: string, mailboxes?: string[]): RoutingRule => ({
  name,
  order,
  match: mailboxes ? { mailboxes } : {},
  groupId,
  strategy: 'least-loaded',
});
const mailbox = (name: string, address: string): Mailbox => ({ name, address, active: true });

/**
 * Gives a new desk what it needs to take its first mail: two mailboxes, groups and routing rules, two calendars and SLA
 * policies, one lifecycle policy. Each piece has a command id of its own that never changes, so this may run at every start: what was once
 * seeded is never written again, also when somebody has changed or removed it since.
 */
export async function seed(
  { directory, settings }: { directory: DirectoryCommands; settings: SettingCommands },
  { mailDomain }: { mailDomain: string },
): Promise<void> {
  const context = (...parts: string[]): CommandContext => ({
    commandId: idFrom('seed', ...parts),
    actor: { kind: 'service', id: 'seed' },
    source: 'seed',
    correlationId: idFrom('seed'),
    causationId: null,
  });
  const save = (kind: SettingKind, id: string, value: unknown) => settings.save(kind, id, value, context(kind, id));

  for (const group of Object.values(firstGroups)) await directory.registerGroup(group, context('group', group.name));
  await save('calendar', 'office', office);
  await save('calendar', 'always', always);
  await save('sla-policy', 'urgent', urgent);
  await save('sla-policy', 'standard', standard);
  await save('lifecycle-policy', 'standard', lifecycle);
  await save('mailbox', 'support', mailbox('Support', `support@${mailDomain}`));
  await save('mailbox', 'billing', mailbox('Billing', `billing@${mailDomain}`));
  await save('satisfaction', 'default', satisfaction);
  await save('routing-rule', 'billing', toGroup('Mail to billing', 10, firstGroups.billing.groupId, ['billing']));
  await save('routing-rule', 'everything-else', toGroup('Everything else', 1_000, firstGroups.support.groupId));
}
