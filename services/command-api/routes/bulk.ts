import { BulkParams, BulkStarted, StartBulkAction } from '#contracts/api/bulk.ts';
import { Changed, changeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { maxBulkTickets } from '#contracts/bulk-actions.ts';
import { normaliseTag } from '#packages/domain/ticket/labels.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents } from '../ticket-change.ts';

/** The tickets that a body means. Throws INVALID_REQUEST, BULK_EMPTY and BULK_TOO_MANY. */
async function ticketsOf({ selectTickets }: CommandApiDeps, body: StartBulkAction): Promise<readonly string[]> {
  const { filter, ticketIds } = body;
  if ((ticketIds === undefined) === (filter === undefined)) {
    const fields = [{ pointer: '', detail: 'must have either `ticketIds` or `filter`' }];
    throw new AppError('INVALID_REQUEST', { detail: 'It is not clear which tickets are meant.', fields });
  }
  if (ticketIds) return ticketIds;
  const { tag, ...selection } = filter ?? {};
  const tagged = tag === undefined ? selection : { ...selection, tag: normaliseTag(tag) ?? tag };
  const found = await selectTickets(tagged, maxBulkTickets + 1);
  const fields = [{ pointer: '/filter', detail: `must fit 1 to ${maxBulkTickets} tickets` }];
  if (found.length === 0) throw new AppError('BULK_EMPTY', { fields });
  if (found.length > maxBulkTickets) throw new AppError('BULK_TOO_MANY', { fields, extra: { limit: maxBulkTickets } });
  return found;
}

/** One change of many tickets, as a job. */
export function registerBulkActions(app: HttpServer, deps: CommandApiDeps): void {
  const { bulk } = deps;
  const common = { tags: ['bulk actions'], headers: changeHeaders };

  app.post(
    '/v1/bulk-actions',
    {
      config: { access: agents, commands: ['StartBulkAction'] },
      schema: {
        ...common,
        summary: 'Change many tickets at once',
        description:
          'The tickets are chosen at this moment, at most 1,000. They are changed one by one afterwards, each as if by a ' +
          'request of yours: see how far it is at `location`. A ticket that refuses holds up none of the others.',
        body: StartBulkAction,
        response: {
          202: BulkStarted,
          ...refusals('BULK_EMPTY', 'BULK_TOO_MANY', 'MACRO_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const ticketIds = await ticketsOf(deps, request.body);
      const done = await bulk.start(request.body.action, ticketIds, commandContext(request));
      reply.code(202).header('location', `/v1/bulk-actions/${done.bulkId}`);
      return { id: done.bulkId, tickets: done.tickets, ...changed(reply, done) };
    },
  );

  app.post(
    '/v1/bulk-actions/:bulk/cancel',
    {
      config: { access: agents, commands: ['CancelBulkAction', 'RecordBulkResults'] },
      schema: {
        ...common,
        summary: 'Stop a bulk action',
        description: 'Tickets under way, 25 at most, are finished. What was done stays; it can be undone.',
        params: BulkParams,
        response: { 200: Changed, ...refusals('BULK_NOT_FOUND', 'BULK_ENDED', 'IDEMPOTENCY_KEY_REUSED') },
      },
    },
    async (request, reply) => changed(reply, await bulk.cancel(request.params.bulk, commandContext(request))),
  );

  app.post(
    '/v1/bulk-actions/:bulk/undo',
    {
      config: { access: agents, commands: ['StartBulkAction'] },
      schema: {
        ...common,
        summary: 'Take a bulk action back',
        description:
          'By another bulk action, which undoes the change of each ticket exactly or, where a later change is in the way, ' +
          'says so in its result.',
        params: BulkParams,
        response: {
          202: BulkStarted,
          ...refusals('BULK_NOT_FOUND', 'BULK_RUNNING', 'BULK_NOT_UNDOABLE', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const done = await bulk.undo(request.params.bulk, commandContext(request));
      reply.code(202).header('location', `/v1/bulk-actions/${done.bulkId}`);
      return { id: done.bulkId, tickets: done.tickets, ...changed(reply, done) };
    },
  );
}
