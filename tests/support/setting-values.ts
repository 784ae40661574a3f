import type { SettingKind, SettingValue } from '#contracts/settings.ts';
import { savedField, savedForm, savedMatrix, savedService, savedType } from './catalogue.ts';
import { aroundTheClock, calendarOf, savedLifecycle, savedPolicy, savedStatus } from './settings.ts';

type Two<K extends SettingKind> = {
  readonly id: string;
  readonly first: SettingValue<K>;
  readonly second: SettingValue<K>;
};

const groupId = '0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1';
const rule = { name: 'Support', order: 1, match: {}, groupId, strategy: 'least-loaded' as const };
const question = { active: true, question: 'How was it?', openDays: 30 };
const macro: SettingValue<'macro'> = { name: 'Thanks', actions: [{ do: 'note', text: 'Thanked' }] };

/** A setting of each kind with two values that it may have one after the other; in an order in which each is valid. */
export const twoValues: { readonly [K in SettingKind]: Two<K> } = {
  calendar: { id: 'office', first: calendarOf(), second: aroundTheClock('Europe/Berlin') },
  'sla-policy': {
    id: 'standard',
    first: savedPolicy().value,
    second: savedPolicy('standard', { firstResponseMinutes: null, match: { priorities: ['high'] } }).value,
  },
  'routing-rule': { id: 'support', first: rule, second: { ...rule, strategy: 'group-only' } },
  mailbox: {
    id: 'sales',
    first: { name: 'Sales', address: 'sales@desk.example', active: true },
    second: { name: 'Sales', address: 'buy@desk.example', active: false },
  },
  status: {
    id: 'in-progress',
    first: savedStatus('in-progress').value,
    second: savedStatus('in-progress', { publicName: 'Being worked on' }).value,
  },
  'lifecycle-policy': {
    id: 'default',
    first: savedLifecycle().value,
    second: savedLifecycle('default', { reopenDays: null }).value,
  },
  satisfaction: { id: 'default', first: question, second: { ...question, openDays: 14 } },
  'ticket-type': { id: 'incident', first: savedType('incident').value, second: savedType('incident', false).value },
  service: {
    id: 'printers',
    first: savedService('printers').value,
    second: savedService('printers', { description: 'All that prints', groupId }).value,
  },
  'priority-matrix': {
    id: 'default',
    first: savedMatrix().value,
    second: savedMatrix({ low: 'normal', medium: 'normal', high: 'urgent' }).value,
  },
  field: {
    id: 'inventory',
    first: savedField('inventory').value,
    second: savedField('inventory', { mask: 'AA-####', services: ['printers'] }).value,
  },
  form: {
    id: 'broken',
    first: savedForm('broken').value,
    second: savedForm('broken', { fields: ['inventory'], serviceId: 'printers' }).value,
  },
  'canned-reply': {
    id: 'thanks',
    first: { name: 'Thanks', text: 'Thank you, {{requester.name | there}}.' },
    second: { name: 'Thanks', text: 'Thanks a lot.', language: 'en' },
  },
  macro: {
    id: 'thanks',
    first: macro,
    second: { ...macro, actions: [...macro.actions, { do: 'status', to: 'in-progress' }] },
  },
  'article-category': {
    id: 'how-to',
    first: { name: 'How to', parentId: null },
    second: { name: 'How to', parentId: null, description: 'Step by step' },
  },
};
