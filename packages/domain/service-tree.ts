import type { SettingsLookup } from './settings.ts';

/** Levels of the catalogue. A deeper tree is nothing that people can choose from. */
export const maxServiceDepth = 6;

/** Kinds of settings that are part of one another by `parentId`. */
export type TreeKind = 'service' | 'article-category';

/** Ids of a setting and of those that it is part of, from itself up to the top; none for no id. */
export function treePath(kind: TreeKind, id: string | null | undefined, settings: SettingsLookup): readonly string[] {
  const path: string[] = [];
  // Two saves at once may close a circle that each alone does not; nobody must walk it for ever.
  let at = id ?? null;
  while (at !== null && !path.includes(at) && path.length < maxServiceDepth) {
    path.push(at);
    at = settings.current(kind, at)?.value.parentId ?? null;
  }
  return path;
}

/** Ids of a setting and of everything that is part of it. */
export function treeBelow(kind: TreeKind, id: string, settings: SettingsLookup): readonly string[] {
  const all = settings.inForce(kind);
  const below = [id];
  // The list grows while it is walked, by services that it does not hold yet, so that it ends.
  for (const parent of below)
    below.push(
      ...all.filter(({ id: it, value }) => value.parentId === parent && !below.includes(it)).map((it) => it.id),
    );
  return below;
}

/** The path of a ticket's service. */
export const servicePath = (id: string | null | undefined, settings: SettingsLookup): readonly string[] =>
  treePath('service', id, settings);

export const servicesBelow = (id: string, settings: SettingsLookup): readonly string[] =>
  treeBelow('service', id, settings);
