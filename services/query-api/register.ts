import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from './deps.ts';
import { registerArticleReads } from './routes/articles.ts';
import { registerAttachmentDownload } from './routes/attachments.ts';
import { registerBulkReads } from './routes/bulk.ts';
import { registerCatalogue } from './routes/catalogue.ts';
import { registerDirectoryReads } from './routes/directory.ts';
import { registerEventFeed } from './routes/event-feed.ts';
import { registerHistory } from './routes/history.ts';
import { registerKnowledgeBase } from './routes/knowledge-base.ts';
import { registerMailReads } from './routes/mail.ts';
import { registerMentionFinder } from './routes/mentions.ts';
import { registerPeopleReads } from './routes/people.ts';
import { registerQueues } from './routes/queues.ts';
import { registerReports } from './routes/reports.ts';
import { registerSatisfactionReports } from './routes/satisfaction.ts';
import { registerSettingReads } from './routes/settings.ts';
import { registerSilentQueue } from './routes/silent.ts';
import { registerSuggestions } from './routes/suggestions.ts';
import { registerTicketReads } from './routes/ticket.ts';
import { registerPresenceReads } from './routes/ticket-presence.ts';
import { registerTicketList } from './routes/tickets.ts';
import { registerWorkReads } from './routes/work.ts';

/** Mounts everything that only reads. */
export async function registerQueryApi(app: HttpServer, deps: QueryApiDeps): Promise<void> {
  registerTicketList(app, deps);
  registerTicketReads(app, deps);
  registerPresenceReads(app, deps);
  registerMentionFinder(app, deps);
  registerHistory(app, deps);
  registerAttachmentDownload(app, deps);
  registerQueues(app, deps);
  registerBulkReads(app, deps);
  registerSilentQueue(app, deps);
  registerReports(app, deps);
  registerWorkReads(app, deps);
  registerCatalogue(app, deps);
  registerSatisfactionReports(app, deps);
  registerEventFeed(app, deps);
  registerMailReads(app, deps);
  registerPeopleReads(app, deps);
  registerDirectoryReads(app, deps);
  registerSettingReads(app, deps);
  registerArticleReads(app, deps);
  registerKnowledgeBase(app, deps);
  registerSuggestions(app, deps);
}
