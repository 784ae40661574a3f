import {
  InboundMail,
  InboundMailPage,
  InboxQuery,
  MailParams,
  OutboundMail,
  OutboundMailPage,
  OutboxQuery,
} from '#contracts/api/mail.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { fileResponse, sendFile } from '../file-download.ts';
import { reads, staff } from '../reading.ts';
import { findInbound, findOutbound, listInbound, listOutbound } from '../reads/mail.ts';
import { nextLink } from '../reads/paging.ts';
import { inboundMail, outboundMail, outboundSummary } from '../views/mail.ts';

export function registerMailReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db, blobs } = deps;
  const { preHandler, headers } = reads(deps, 'mail');
  const common = { tags: ['mail'], headers };

  app.get(
    '/v1/outbox',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'Mail that the desk sends',
        description: 'Newest first, with what became of each.',
        querystring: OutboxQuery,
        response: { 200: OutboundMailPage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const page = await listOutbound(db, request.query);
      return { items: page.rows.map(outboundSummary), next: nextLink(request.url, page.cursor) };
    },
  );

  app.get(
    '/v1/outbox/:mail',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One mail of the desk',
        params: MailParams,
        response: { 200: OutboundMail, ...refusals('MAIL_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const row = await findOutbound(db, request.params.mail);
      if (!row) throw new AppError('MAIL_NOT_FOUND');
      return outboundMail(row);
    },
  );

  app.get(
    '/v1/inbox',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'Mail that came in',
        description: 'Newest first, with what was decided about each and why.',
        querystring: InboxQuery,
        response: { 200: InboundMailPage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const page = await listInbound(db, request.query);
      return { items: page.rows.map(inboundMail), next: nextLink(request.url, page.cursor) };
    },
  );

  app.get(
    '/v1/inbox/:mail',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One mail that came in',
        params: MailParams,
        response: { 200: InboundMail, ...refusals('MAIL_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const row = await findInbound(db, request.params.mail);
      if (!row) throw new AppError('MAIL_NOT_FOUND');
      return inboundMail(row);
    },
  );

  app.get(
    '/v1/inbox/:mail/raw',
    {
      preHandler,
      config: { access: ['admin', 'auditor'], session: true },
      schema: {
        ...common,
        summary: 'A mail as it came in',
        description: 'The raw message (RFC 5322), byte by byte.',
        params: MailParams,
        response: { 200: fileResponse, ...refusals('MAIL_NOT_FOUND', 'BLOB_NOT_FOUND', 'BLOB_STORE_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const row = await findInbound(db, request.params.mail);
      if (!row) throw new AppError('MAIL_NOT_FOUND');
      const { id, blob, size } = row;
      return sendFile(reply, { content: await blobs.get(blob), name: `${id}.eml`, mediaType: 'message/rfc822', size });
    },
  );
}
