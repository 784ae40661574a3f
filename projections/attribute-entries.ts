import type { EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import { type AttributeEvent, attributeEventTypes } from './ticket-attributes.ts';

type Entry = Pick<TimelineRow, 'kind' | 'visibility' | 'detail'>;

const internal = { visibility: 'internal' } as const;

/** How changes of attributes show. Of fields, customers see the values that are open to them, not the changes. */
const entries: Record<AttributeEvent['type'], Omit<Entry, 'detail'>> = {
  TicketSubjectChanged: { kind: 'subject', visibility: 'public' },
  TicketTypeChanged: { kind: 'type', visibility: 'public' },
  TicketServiceChanged: { kind: 'service', visibility: 'public' },
  TicketRequesterChanged: { kind: 'requester', ...internal },
  TicketCompanyChanged: { kind: 'company', ...internal },
  TicketLanguageChanged: { kind: 'language', ...internal },
  TicketDueDateChanged: { kind: 'due-date', ...internal },
  TicketTagsChanged: { kind: 'tags', ...internal },
  TicketFollowersChanged: { kind: 'followers', ...internal },
  TicketFieldsChanged: { kind: 'fields', ...internal },
  TicketWorkLogged: { kind: 'work', ...internal },
  TicketWorkCorrected: { kind: 'work', ...internal },
  TicketWorkRemoved: { kind: 'work', ...internal },
};

const types: readonly EventType[] = attributeEventTypes;

export const isAttributeEvent = <E extends StoredEvent>(event: E): event is E & AttributeEvent =>
  types.includes(event.type);

/** What the course of a ticket says of a changed attribute. Of work, the event tells what was done with it. */
export const attributeEntry = (event: AttributeEvent): Entry => ({
  ...entries[event.type],
  detail: { event: event.type, ...event.data },
});
