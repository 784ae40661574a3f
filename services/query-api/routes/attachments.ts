import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { Sha256, Strict } from '#contracts/primitives.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { fileResponse, sendFile } from '../file-download.ts';
import { everybody, reads } from '../reading.ts';
import { findAttachment } from '../reads/timeline.ts';
import { openTicket } from '../ticket-source.ts';
import { scopesOf } from '../timeline-scope.ts';

const Params = Strict({ ...TicketParams.properties, sha256: Sha256 });

export function registerAttachmentDownload(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/tickets/:ticket/attachments/:sha256',
    {
      preHandler,
      config: { access: everybody, session: true },
      schema: {
        summary: 'Download a file of a ticket',
        description:
          'Customers get the files of public messages only. Always as a download, never to be shown in place.',
        tags: ['attachments'],
        headers,
        params: Params,
        response: { 200: fileResponse, ...refusals('TICKET_NOT_FOUND', 'BLOB_NOT_FOUND', 'BLOB_STORE_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { ticket, sha256 } = request.params;
      const found = await openTicket(deps, ticket, principal);
      const publicOnly = principal.role === 'customer';
      const attachment = await findAttachment(deps.db, {
        scopes: scopesOf(found, principal),
        blob: sha256,
        publicOnly,
      });
      if (!attachment) throw new AppError('BLOB_NOT_FOUND');
      return sendFile(reply, { ...attachment, content: await deps.blobs.get(attachment.blob) });
    },
  );
}
