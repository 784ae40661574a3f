import type { SettingsLookup } from './settings.ts';

/** Levels of the catalogue. A deeper tree is nothing that people can choose from. */
export const maxServiceDepth = 6;

/** Ids of a service and of those that it is part of, from itself up to the top; none for a ticket without a service. */
export function servicePath(id: string | null | undefined, settings: SettingsLookup): readonly string[] {
  const path: string[] = [];
  // Two saves at once may close a circle that each alone does not; nobody must walk it for ever.
  let at = id ?? null;
  while (at !== null && !path.includes(at) && path.length < maxServiceDepth) {
    path.push(at);
    at = settings.current('service', at)?.value.parentId ?? null;
  }
  return path;
}

/** Ids of a service and of everything that is part of it. */
export function servicesBelow(id: string, settings: SettingsLookup): readonly string[] {
  const all = settings.inForce('service');
  const below = [id];
  // The list grows while it is walked, by services that it does not hold yet, so that it ends.
  for (const parent of below)
    below.push(
      ...all.filter(({ id: it, value }) => value.parentId === parent && !below.includes(it)).map((it) => it.id),
    );
  return below;
}
