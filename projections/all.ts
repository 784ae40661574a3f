import type { AnyProjection } from '#packages/projector/projection.ts';
import { agentLoad } from './agent-load.ts';
import { agents } from './agents.ts';
import { apiTokens } from './api-tokens.ts';
import { articles } from './articles.ts';
import { companies } from './companies.ts';
import { conversation } from './conversation.ts';
import { deadlines } from './deadlines.ts';
import { groups } from './groups.ts';
import { inboundMail } from './inbound-mail.ts';
import { kpi } from './kpi.ts';
import { messageIds } from './message-ids.ts';
import { outboundMail } from './outbound-mail.ts';
import { people } from './people.ts';
import { ratings } from './ratings.ts';
import { settings } from './settings.ts';
import { tags } from './tags.ts';
import { ticketLinks } from './ticket-links.ts';
import { ticketWords } from './ticket-words.ts';
import { ticketList } from './tickets.ts';
import { timeline } from './timeline.ts';
import { timers } from './timers.ts';
import { work } from './work.ts';

/** Every read model of the desk. */
export const projections: readonly AnyProjection[] = [
  ticketList,
  timeline,
  ticketLinks,
  messageIds,
  conversation,
  deadlines,
  timers,
  agentLoad,
  people,
  agents,
  companies,
  groups,
  apiTokens,
  settings,
  kpi,
  ratings,
  articles,
  ticketWords,
  inboundMail,
  outboundMail,
  work,
  tags,
];
