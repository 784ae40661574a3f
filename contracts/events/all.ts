import { agentEvents } from './agent.ts';
import { articleEvents } from './article.ts';
import { bulkEvents } from './bulk.ts';
import { companyEvents, groupEvents, personEvents } from './directory.ts';
import type { EventOf } from './envelope.ts';
import { inboundMailEvents, outboundMailEvents } from './mail.ts';
import { settingEvents } from './settings.ts';
import { ticketEvents } from './ticket.ts';

/** Every event type of the desk with the schema of its data. */
export const eventSchemas = {
  ...ticketEvents,
  ...personEvents,
  ...agentEvents,
  ...companyEvents,
  ...groupEvents,
  ...settingEvents,
  ...articleEvents,
  ...inboundMailEvents,
  ...outboundMailEvents,
  ...bulkEvents,
} as const;

export type DeskEvent = EventOf<typeof eventSchemas>;
export type EventType = DeskEvent['type'];
