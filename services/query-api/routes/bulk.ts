import { Type } from 'typebox';
import { BulkParams, BulkProgress, BulkResultPage, BulkResultsQuery } from '#contracts/api/bulk.ts';
import { refusals } from '#contracts/api/problem.ts';
import { streams } from '#contracts/events/streams.ts';
import { type BulkState, bulk, countsOf } from '#packages/domain/bulk.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import { decodeCursor, encodeCursor } from '#packages/http/cursor.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { staff } from '../reading.ts';
import { KeyInteger, nextLink } from '../reads/paging.ts';

type Job = BulkState & { readonly action: NonNullable<BulkState['action']>; readonly startedBy: string };

/** A bulk action as the log knows it at this moment. Throws BULK_NOT_FOUND. */
async function jobOf({ store }: QueryApiDeps, id: string): Promise<Job> {
  const events = await store.readStream(streams.bulk(id));
  const { action, ...state } = fold(bulk, events);
  if (!action) throw new AppError('BULK_NOT_FOUND');
  return { ...state, action, startedBy: events[0]?.metadata.actor.id ?? '' };
}

async function progressOf({ store }: QueryApiDeps, id: string, job: Job): Promise<BulkProgress> {
  const { name } = fold(person, await store.readStream(streams.person(job.startedBy)));
  return {
    id,
    action: job.action,
    status: job.status,
    startedBy: { id: job.startedBy, name },
    startedAt: job.startedAt ?? '',
    endedAt: job.endedAt,
    tickets: job.ticketIds.length,
    ...countsOf(job.results),
    remaining: job.ticketIds.length - job.results.length,
    results: `/v1/bulk-actions/${id}/results`,
  };
}

/** How far bulk actions are, straight from the log. */
export function registerBulkReads(app: HttpServer, deps: QueryApiDeps): void {
  app.get(
    '/v1/bulk-actions/:bulk',
    {
      config: { access: staff },
      schema: {
        tags: ['bulk actions'],
        summary: 'How far a bulk action is',
        params: BulkParams,
        response: { 200: BulkProgress, ...refusals('BULK_NOT_FOUND') },
      },
    },
    async ({ params }) => progressOf(deps, params.bulk, await jobOf(deps, params.bulk)),
  );

  app.get(
    '/v1/bulk-actions/:bulk/results',
    {
      config: { access: staff },
      schema: {
        tags: ['bulk actions'],
        summary: 'What became of each ticket',
        description: 'In the order in which it was done; what comes later follows on the last page.',
        params: BulkParams,
        querystring: BulkResultsQuery,
        response: { 200: BulkResultPage, ...refusals('BULK_NOT_FOUND', 'INVALID_CURSOR') },
      },
    },
    async ({ params, query, url }) => {
      const { cursor, limit = 50, outcome } = query;
      const { results } = await jobOf(deps, params.bulk);
      const scope = { list: 'bulk results', bulk: params.bulk, outcome: outcome ?? null };
      const [from] = cursor === undefined ? [0] : decodeCursor(scope, cursor, Type.Tuple([KeyInteger]));
      const chosen = results.filter((result) => outcome === undefined || result.outcome === outcome);
      const items = chosen.slice(from, from + limit);
      const next = from + limit < chosen.length ? encodeCursor(scope, [from + limit]) : null;
      return { items, next: nextLink(url, next) };
    },
  );
}
