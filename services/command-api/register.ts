import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from './deps.ts';
import { multipartBody } from './multipart.ts';
import { registerAgentCommands } from './routes/agents.ts';
import { registerArticleCommands } from './routes/articles.ts';
import { defaultUploadBytes, registerAttachmentUpload } from './routes/attachments.ts';
import { registerBulkActions } from './routes/bulk.ts';
import { registerCallCommands } from './routes/calls.ts';
import { registerGroupLines } from './routes/group-lines.ts';
import { registerGroupCommands } from './routes/groups.ts';
import { registerPersonCommands } from './routes/people.ts';
import { registerRatingLink } from './routes/rating-link.ts';
import { registerSettingCommands } from './routes/settings.ts';
import { registerTicketActions } from './routes/ticket-actions.ts';
import { registerTicketArticles } from './routes/ticket-articles.ts';
import { registerTicketAssignment } from './routes/ticket-assignment.ts';
import { registerTicketAttributes } from './routes/ticket-attributes.ts';
import { registerTicketChanges } from './routes/ticket-changes.ts';
import { registerTicketConversation } from './routes/ticket-conversation.ts';
import { registerPresence } from './routes/ticket-presence.ts';
import { registerTicketRating } from './routes/ticket-rating.ts';
import { registerTicketRelations } from './routes/ticket-relations.ts';
import { registerTicketWork } from './routes/ticket-work.ts';
import { registerTicketCreation } from './routes/tickets.ts';
import { registerTokenCommands } from './routes/tokens.ts';
import { createUploadReferences } from './upload-reference.ts';

/** Mounts everything that changes the desk: a thin skin of HTTP over packages/commands. */
export async function registerCommandApi(app: HttpServer, deps: CommandApiDeps): Promise<void> {
  const uploads = createUploadReferences(deps.uploadSecret);
  await app.register((scope: HttpServer, _options, done) => {
    const maxBytes = deps.maxUploadBytes ?? defaultUploadBytes;
    scope.addContentTypeParser('multipart/form-data', multipartBody({ blobs: deps.blobs, uploads, maxBytes }));
    registerTicketCreation(scope, deps, uploads);
    registerTicketChanges(scope, deps, uploads);
    done();
  });
  registerCallCommands(app, deps, uploads);
  registerTicketAttributes(app, deps);
  registerTicketWork(app, deps);
  registerTicketRelations(app, deps);
  registerTicketAssignment(app, deps);
  registerTicketActions(app, deps);
  registerBulkActions(app, deps);
  registerTicketConversation(app, deps, uploads);
  registerPresence(app, deps);
  registerTicketRating(app, deps);
  registerArticleCommands(app, deps, uploads);
  registerTicketArticles(app, deps);
  await registerRatingLink(app, deps);
  await registerAttachmentUpload(app, deps, uploads);
  registerPersonCommands(app, deps);
  registerTokenCommands(app, deps);
  registerGroupCommands(app, deps);
  registerGroupLines(app, deps);
  registerAgentCommands(app, deps);
  registerSettingCommands(app, deps);
}
