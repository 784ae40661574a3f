import { linkKinds } from '#contracts/events/ticket-relations.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { createStory } from './story.ts';
import { customerId, message } from './tickets.ts';

type Story = ReturnType<typeof createStory>;
/** What happens to a ticket and one other; `pick` chooses among what there is. */
export type RelatedScene = { story: Story; ticketId: string; otherId: string; at: string; pick: number };

export const relationActions = [
  'merge',
  'unmerge',
  'spam',
  'restore',
  'link',
  'unlink',
  'parent',
  'orphan',
  'move',
] as const;
export type RelationAction = (typeof relationActions)[number];

const refOf = (story: Story, ticketId: string) => {
  const state = story.stateOf(ticketId) as Ticket;
  return { ticketId, number: state.number };
};

/** Each thing that tickets do with each other, in the steps that packages/commands take. Refusals are thrown. */
export const relate: Record<RelationAction, (scene: RelatedScene) => void> = {
  merge: ({ at, otherId, pick, story, ticketId }) => {
    const mergeId = idFrom('history merge', ticketId, otherId, at, pick);
    const into = refOf(story, otherId);
    const self = refOf(story, ticketId);
    story.play(ticketId, { type: 'PrepareMerge', data: { mergeId, into } }, { at });
    story.play(otherId, { type: 'OfferMerge', data: { mergeId, ...self, requesterId: customerId } }, { at });
    const target = { mergeId, into: otherId, number: into.number };
    const refusal = pick % 5 === 0 ? 'cycle' : null;
    story.play(ticketId, { type: 'SettleMerge', data: { ...target, refusal } }, { at });
    if (refusal) story.play(otherId, { type: 'ReleaseMerge', data: { mergeId, reason: 'declined' } }, { at });
  },
  unmerge: ({ at, story, ticketId }) => {
    const { setAside } = story.stateOf(ticketId);
    story.play(ticketId, { type: 'Unmerge', data: {} }, { at });
    if (setAside?.kind !== 'merged') return;
    const { into, mergeId } = setAside;
    story.play(into, { type: 'ReleaseMerge', data: { mergeId, reason: 'unmerged' } }, { at });
  },
  spam: ({ at, story, ticketId }) => story.play(ticketId, { type: 'MarkSpam', data: { reason: null } }, { at }),
  restore: ({ at, story, ticketId }) => story.play(ticketId, { type: 'RestoreTicket', data: { reason: null } }, { at }),
  link: ({ at, otherId, pick, story, ticketId }) => {
    const kind = linkKinds[pick % linkKinds.length] ?? 'related';
    const linkId = idFrom('history link', ticketId, otherId, kind, at);
    story.play(ticketId, { type: 'LinkTicket', data: { linkId, kind, ...refOf(story, otherId) } }, { at });
  },
  unlink: ({ at, pick, story, ticketId }) => {
    const { links } = story.stateOf(ticketId).relations;
    const link = links[pick % links.length];
    if (link) story.play(ticketId, { type: 'UnlinkTicket', data: link }, { at });
  },
  parent: ({ at, otherId, pick, story, ticketId }) => {
    const changeId = idFrom('history parent', ticketId, otherId, at, pick);
    story.play(otherId, { type: 'OfferChild', data: { changeId, ...refOf(story, ticketId) } }, { at });
    const data = { changeId, parent: refOf(story, otherId), refusal: pick % 4 === 0 ? ('cycle' as const) : null };
    story.play(ticketId, { type: 'SettleParent', data }, { at });
  },
  orphan: ({ at, pick, story, ticketId }) => {
    const changeId = idFrom('history orphan', ticketId, at, pick);
    story.play(ticketId, { type: 'SettleParent', data: { changeId, parent: null, refusal: null } }, { at });
  },
  move: ({ at, otherId, pick, story, ticketId }) => {
    const said = story.log.filter((event) => event.stream === `ticket-${ticketId}` && event.type === 'TicketCommented');
    const event = said[pick % said.length];
    if (event?.type !== 'TicketCommented') return;
    const { authorId, authorRole, channel, commentId, visibility } = event.data;
    const moveId = idFrom('history move', event.id, at, pick);
    const place = { moveId, commentId, eventId: event.id };
    const out = { ...place, to: refOf(story, otherId), version: event.version, opens: null };
    story.play(otherId, { type: 'PrepareMoveIn', data: {} }, { at });
    story.play(ticketId, { type: 'MoveCommentOut', data: out }, { at });
    const told = { visibility, authorId, authorRole, channel, saidAt: event.metadata.at, message: message() };
    const data = { ...place, from: refOf(story, ticketId), ...told };
    story.play(otherId, { type: 'MoveCommentIn', data }, { at });
  },
};
