import { streams } from '#contracts/events/streams.ts';
import type { Mention } from '#contracts/events/ticket-conversation.ts';
import { fold } from '#packages/domain/decider.ts';
import { group } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';

/** Throws UNKNOWN_MENTION pointing at each mention of somebody, or of a group, that the log knows nothing of. */
export async function checkMentions(
  store: Pick<EventStore, 'readStream'>,
  mentions: readonly Mention[] = [],
): Promise<void> {
  const faults: FieldError[] = [];
  for (const [index, { id, kind }] of mentions.entries()) {
    const state =
      kind === 'person'
        ? fold(person, await store.readStream(streams.person(id)))
        : fold(group, await store.readStream(streams.group(id)));
    if (!state.exists) faults.push({ pointer: `/mentions/${index}/id`, detail: `is no ${kind} the desk knows` });
  }
  if (faults.length > 0) throw new AppError('UNKNOWN_MENTION', { fields: faults });
}
