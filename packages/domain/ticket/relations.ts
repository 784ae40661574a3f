import type { Handlers } from './handlers.ts';
import { links } from './links.ts';
import { merging } from './merging.ts';
import { moves } from './moves.ts';
import { parents } from './parents.ts';
import type { RelationCommand } from './relations-commands.ts';
import { spam } from './set-aside.ts';

/** Everything that binds a ticket to others, or sets it aside. */
export const relations: Handlers<RelationCommand> = { ...merging, ...parents, ...links, ...moves, ...spam };
