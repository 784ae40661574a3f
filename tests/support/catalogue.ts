import type { SettingKind, SettingValue } from '#contracts/settings.ts';

type Value<K extends SettingKind> = SettingValue<K>;

export const savedService = (id: string, changes: Partial<Value<'service'>> = {}) => ({
  kind: 'service' as const,
  id,
  value: { name: id, parentId: null, active: true, ...changes },
});

export const savedType = (id: string, active = true) => ({
  kind: 'ticket-type' as const,
  id,
  value: { name: id, active },
});

/** A field that customers see and change, unless said otherwise. */
export const savedField = (id: string, changes: Partial<Value<'field'>> = {}) => ({
  kind: 'field' as const,
  id,
  value: { name: id, type: 'text' as const, visibleToCustomer: true, editableByCustomer: true, ...changes },
});

export const savedForm = (id: string, changes: Partial<Value<'form'>> = {}) => ({
  kind: 'form' as const,
  id,
  value: { name: id, active: true, fields: [], serviceId: null, typeId: null, ...changes },
});

const row = (low: 'low' | 'normal', medium: 'normal' | 'high', high: 'high' | 'urgent') => ({ low, medium, high });

export const savedMatrix = (low = row('low', 'normal', 'high')) => ({
  kind: 'priority-matrix' as const,
  id: 'default',
  value: { low, medium: row('normal', 'normal', 'high'), high: row('normal', 'high', 'urgent') },
});

/** A small catalogue: printers are hardware, toner is printers; mail is software. */
export const catalogue = [
  savedService('hardware'),
  savedService('printers', { parentId: 'hardware' }),
  savedService('toner', { parentId: 'printers' }),
  savedService('software'),
  savedService('fax', { active: false }),
  savedType('incident'),
  savedType('request'),
  savedType('alarm', false),
];
