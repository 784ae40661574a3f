import type { TicketEvent } from '#contracts/events/ticket.ts';

/**
 * What of a ticket an event sets, by names that two events share when the later one overrules the earlier. What is said,
 * and what another ticket has a part in, has no name: it is not undone.
 */
export function aspectsOf({ data, type }: TicketEvent): readonly string[] {
  switch (type) {
    case 'TicketStatusChanged':
    case 'TicketPostponed':
    case 'TicketRated':
      return ['status'];
    case 'TicketPriorityChanged':
      return ['priority'];
    case 'TicketAssigned':
      return ['assignment'];
    case 'TicketSubjectChanged':
      return ['subject'];
    case 'TicketRequesterChanged':
      return ['requester'];
    case 'TicketCompanyChanged':
      return ['company'];
    case 'TicketLanguageChanged':
      return ['language'];
    case 'TicketDueDateChanged':
      return ['dueDate'];
    case 'TicketTypeChanged':
      return ['type'];
    case 'TicketServiceChanged':
      return ['service'];
    case 'TicketTagsChanged':
      return [...data.added, ...data.removed].map((tag) => `tag ${tag}`);
    case 'TicketFollowersChanged':
      return [...data.added, ...data.removed].map((personId) => `follower ${personId}`);
    case 'TicketFieldsChanged':
      return Object.keys(data.fields).map((id) => `field ${id}`);
    case 'TicketWorkLogged':
    case 'TicketWorkCorrected':
    case 'TicketWorkRemoved':
      return [`work ${data.workId}`];
    case 'TicketLinked':
    case 'TicketUnlinked':
      return [`link ${data.linkId}`];
    case 'TicketMarkedSpam':
    case 'TicketRestored':
      return ['spam'];
    default:
      return [];
  }
}

const reversible: ReadonlySet<TicketEvent['type']> = new Set([
  'TicketMacroApplied',
  'TicketStatusChanged',
  'TicketPostponed',
  'TicketPriorityChanged',
  'TicketAssigned',
  'TicketSubjectChanged',
  'TicketRequesterChanged',
  'TicketCompanyChanged',
  'TicketLanguageChanged',
  'TicketDueDateChanged',
  'TicketTypeChanged',
  'TicketServiceChanged',
  'TicketTagsChanged',
  'TicketFollowersChanged',
  'TicketFieldsChanged',
  'TicketWorkLogged',
  'TicketWorkCorrected',
  'TicketWorkRemoved',
  'TicketLinked',
  'TicketMarkedSpam',
  'TicketRestored',
]);

export type UndoObstacle = 'already-undone' | 'is-undo' | 'said' | 'no-way-back' | 'changed-later' | 'not-possible-now';

/** Why an event cannot be taken back whatever came later; null: it can. */
export function obstacleOf(type: TicketEvent['type']): UndoObstacle | null {
  if (reversible.has(type)) return null;
  if (type === 'TicketCommandUndone') return 'is-undo';
  return type === 'TicketCommented' || type === 'TicketCreated' ? 'said' : 'no-way-back';
}
