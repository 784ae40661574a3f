import type { FieldError } from '#packages/kernel/errors.ts';
import { maxServiceDepth, type TreeKind, treeBelow, treePath } from './service-tree.ts';
import type { SettingsLookup } from './settings.ts';

const words: Readonly<Record<TreeKind, string>> = { service: 'service', 'article-category': 'category' };

/** What is wrong with the place of a service or of a category of articles in its tree. */
export function treeFaults(
  kind: TreeKind,
  id: string,
  { parentId }: { readonly parentId: string | null },
  settings: SettingsLookup,
): FieldError[] {
  const fault = (detail: string): FieldError[] => [{ pointer: '/value/parentId', detail }];
  if (parentId === null) return [];
  if (!settings.current(kind, parentId)) return fault(`names no ${words[kind]}`);
  const below = treeBelow(kind, id, settings);
  if (below.includes(parentId)) return fault(`is the ${words[kind]} itself or part of it`);
  const height = Math.max(...below.map((it) => treePath(kind, it, settings).indexOf(id) + 1));
  const depth = treePath(kind, parentId, settings).length + Math.max(height, 1);
  return depth > maxServiceDepth ? fault(`makes the tree deeper than ${maxServiceDepth} levels`) : [];
}
