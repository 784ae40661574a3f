import type { Service } from '#contracts/settings-catalogue.ts';
import type { FieldError } from '#packages/kernel/errors.ts';
import { maxServiceDepth, servicePath, servicesBelow } from './service-tree.ts';
import type { SettingsLookup } from './settings.ts';

/** What is wrong with the place of a service in the tree. */
export function serviceFaults(id: string, { parentId }: Service, settings: SettingsLookup): FieldError[] {
  const fault = (detail: string): FieldError[] => [{ pointer: '/value/parentId', detail }];
  if (parentId === null) return [];
  if (!settings.current('service', parentId)) return fault('names no service');
  const below = servicesBelow(id, settings);
  if (below.includes(parentId)) return fault('is the service itself or part of it');
  const height = Math.max(...below.map((it) => servicePath(it, settings).indexOf(id) + 1));
  const depth = servicePath(parentId, settings).length + Math.max(height, 1);
  return depth > maxServiceDepth ? fault(`makes the tree deeper than ${maxServiceDepth} levels`) : [];
}
