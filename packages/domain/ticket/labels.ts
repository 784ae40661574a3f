import type { TicketEvent } from '#contracts/events/ticket.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import type { ChangeFollowers, ChangeTags } from './attribute-commands.ts';
import { changed } from './attributes-state.ts';
import type { Handlers } from './handlers.ts';
import { refuseClosed } from './status.ts';

export const maxTags = 50;
export const maxTagLength = 50;
/** Each answer is mailed to the customers among them. */
export const maxFollowers = 100;

/** Tags and followers. Refuses with TICKET_CLOSED, TAG_INVALID, TOO_MANY_TAGS and TOO_MANY_FOLLOWERS. */
export const labels: Handlers<ChangeTags | ChangeFollowers> = {
  ChangeTags({ data }, ticket) {
    const held = ticket.attributes.tags;
    const tags = listChange(held, readTags(data.add, '/add'), readTags(data.remove, '/remove'));
    if (!tags) return [];
    refuseClosed(ticket);
    refuseTooMany('TOO_MANY_TAGS', changed(held, tags.added, tags.removed).length, maxTags);
    return [{ type: 'TicketTagsChanged', data: tags }];
  },
  ChangeFollowers({ data }, ticket): TicketEvent[] {
    const held = ticket.attributes.followers;
    const followers = listChange(held, data.add, data.remove);
    if (!followers) return [];
    refuseClosed(ticket);
    refuseTooMany('TOO_MANY_FOLLOWERS', changed(held, followers.added, followers.removed).length, maxFollowers);
    return [{ type: 'TicketFollowersChanged', data: followers }];
  },
};

/** What really comes and goes; null when nothing does. Who is to come and to go at once, comes. */
function listChange(held: readonly string[], add: readonly string[], remove: readonly string[]) {
  const added = [...new Set(add)].filter((each) => !held.includes(each));
  const removed = [...new Set(remove)].filter((each) => held.includes(each) && !add.includes(each));
  return added.length + removed.length === 0 ? null : { added, removed };
}

/** Throws the code when there would be more than allowed. */
export function refuseTooMany(
  code: 'TOO_MANY_TAGS' | 'TOO_MANY_FOLLOWERS',
  count: number,
  limit: number,
  pointer = '/add',
): void {
  if (count <= limit) return;
  const fields = [{ pointer, detail: `must leave at most ${limit}` }];
  throw new AppError(code, {
    detail: `A ticket has at most ${limit}; this would make ${count}.`,
    fields,
    extra: { limit },
  });
}

/** A tag as it is kept: composed (NFKC), in lower case, hyphens for white space; null when it cannot be one. */
export function normaliseTag(text: string): string | null {
  const tag = text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, '-');
  return /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}_.:/+#-]*$/u.test(tag) && tag.length <= maxTagLength ? tag : null;
}

/** Tags as they are kept. Throws TAG_INVALID pointing at each that cannot be one. */
export function readTags(tags: readonly string[], pointer: string): string[] {
  const read = tags.map(normaliseTag);
  const fields = read.flatMap((tag, index): FieldError[] =>
    tag === null ? [{ pointer: `${pointer}/${index}`, detail: wanted }] : [],
  );
  if (fields.length > 0) throw new AppError('TAG_INVALID', { detail: `A tag ${wanted}.`, fields });
  return read.filter((tag) => tag !== null);
}

const wanted = `must be letters, digits and _ . : / + # - between them, at most ${maxTagLength} characters`;
