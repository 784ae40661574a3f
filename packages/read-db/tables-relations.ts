import type { LinkKind } from '#contracts/events/ticket-relations.ts';

/** How a ticket is set aside, in columns of the read models that leave it out meanwhile. */
export type SetAsideKind = 'merged' | 'spam';

/** A link between two tickets, which both of them show; kept when it is taken away, for the past. */
export type TicketLinkRow = {
  link_id: string;
  /** The ticket that the kind is read from: it blocks the other one, for instance. */
  from_id: string;
  to_id: string;
  kind: LinkKind;
  linked_at: Date;
  linked_position: bigint;
  unlinked_at: Date | null;
  unlinked_position: bigint | null;
};

/** Where a message is and by which ids mails know it, by the event that the message first came by. */
export type MessagePlaceRow = {
  event_id: string;
  ticket_id: string;
  /** Message-IDs of the mail that it came in by, and of the one that it went out by. */
  inbound_id: string | null;
  outbound_id: string | null;
};
