import { Type } from 'typebox';
import { CompanyParams } from '#contracts/api/companies.ts';
import { PersonParams } from '#contracts/api/directory.ts';
import { HistoryPage, HistoryQuery } from '#contracts/api/history.ts';
import { refusals } from '#contracts/api/problem.ts';
import { streams } from '#contracts/events/streams.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { principalOf } from '#packages/http/auth.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink, pageOf } from '../reads/paging.ts';
import { readsReasons, withoutReason } from '../views/absence-reason.ts';
import { historyEntry, personActors } from '../views/event.ts';

type Page = { readonly limit?: number; readonly cursor?: string };

/** Who changed what about people and companies, from the log. */
export function registerDirectoryHistory(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'directory');
  const common = { tags: ['directory'], headers, querystring: HistoryQuery };
  const description = 'Every event with who did it, what led to it and its data, oldest first.';
  const answers = { 200: HistoryPage, ...refusals('NOT_FOUND', 'INVALID_CURSOR', 'STORE_UNAVAILABLE') };

  const historyOf = async (
    stream: string,
    url: string,
    { cursor, limit = 50 }: Page,
    shown = (event: StoredEvent): StoredEvent => event,
  ) => {
    const scope = { list: 'directory history', stream };
    const after =
      cursor === undefined ? 0 : decodeCursor(scope, cursor, Type.Integer({ minimum: 0, maximum: 1_000_000 }));
    const events = await deps.store.readStream(stream, { fromVersion: after + 1, toVersion: after + limit + 1 });
    if (events.length === 0 && after === 0) throw new AppError('NOT_FOUND', { detail: 'Nothing is known of that id.' });
    const page = pageOf(events, { limit, scope, keysOf: ({ version }) => version });
    const names = await loadNames(deps.db, { people: personActors(page.rows) });
    return { items: page.rows.map((event) => historyEntry(shown(event), names)), next: nextLink(url, page.cursor) };
  };

  app.get(
    '/v1/people/:person/history',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'History of a person, from the log',
        description,
        params: PersonParams,
        response: answers,
      },
    },
    (request) => {
      const { person } = request.params;
      const shown = readsReasons(principalOf(request), person) ? undefined : withoutReason;
      return historyOf(streams.person(person), request.url, request.query, shown);
    },
  );

  app.get(
    '/v1/companies/:company/history',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'History of a company, from the log',
        description,
        params: CompanyParams,
        response: answers,
      },
    },
    (request) => historyOf(streams.company(request.params.company), request.url, request.query),
  );
}
