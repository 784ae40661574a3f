import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { EventFeed, EventFeedQuery } from '#contracts/api/history.ts';
import { refusals } from '#contracts/api/problem.ts';
import { type EventType, eventSchemas } from '#contracts/events/all.ts';
import type { EventStore, LogPage, Position } from '#packages/event-store/port.ts';
import { principalOf } from '#packages/http/auth.ts';
import { readPosition } from '#packages/http/desk-position.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { readable } from '../redactions.ts';
import { feedEvent } from '../views/event.ts';

const isEventType = (text: string): text is EventType => Object.hasOwn(eventSchemas, text);

function typesOf(parameters: readonly string[] | undefined): readonly EventType[] | undefined {
  if (parameters === undefined) return undefined;
  return parameters
    .flatMap((text) => text.split(','))
    .map((text) => {
      if (isEventType(text)) return text;
      const fields = [{ pointer: 'types', detail: `${text} is no event type` }];
      throw new AppError('INVALID_REQUEST', { detail: 'There is no such event type.', fields });
    });
}

type Ask = { after: Position; limit: number; types?: readonly EventType[] };

/** The next page that holds events, or what has been looked at when the signal aborts first. */
async function nextPage(store: EventStore, { after, ...filter }: Ask, signal: AbortSignal): Promise<LogPage> {
  let scannedTo = after;
  for await (const page of store.subscribe(after, { ...filter, signal })) {
    if (page.events.length > 0) return page;
    scannedTo = page.scannedTo;
  }
  return { events: [], scannedTo, atEnd: true };
}

const ndjson = 'application/x-ndjson';

export function registerEventFeed(app: HttpServer, { db, store }: QueryApiDeps): void {
  const read = async (ask: Ask, waitSeconds: number, request: FastifyRequest): Promise<LogPage> => {
    const page = await store.readAll(ask.after, ask);
    if (page.events.length > 0 || !page.atEnd || waitSeconds === 0) return page;
    const signal = AbortSignal.any([app.closing, request.signal, AbortSignal.timeout(waitSeconds * 1_000)]);
    return nextPage(store, { ...ask, after: page.scannedTo }, signal);
  };

  const nextPath = (request: FastifyRequest, position: string): string => {
    const [path = '', query = ''] = request.url.split('?');
    const parameters = new URLSearchParams(query);
    parameters.set('after', position);
    return `${path}?${parameters.toString()}`;
  };

  for (const path of ['/v1/events', '/events']) {
    app.get(
      path,
      {
        handlerTimeout: 60_000,
        config: { access: ['integrator', 'auditor', 'admin'] },
        schema: {
          summary: 'Events of the log after a position',
          description:
            'In order, none missing, as soon as they are in the log; for integrators without what was taken out of messages. Keep `position` as your place; the same request ' +
            `again gives the same events. With \`Accept: ${ndjson}\` one event per line, the place in Desk-Position.`,
          tags: ['events'],
          hide: path !== '/v1/events',
          querystring: EventFeedQuery,
          response: {
            200: {
              description: 'Events',
              content: {
                'application/json': { schema: EventFeed },
                [ndjson]: { schema: Type.String({ description: 'one event per line' }) },
              },
            },
            ...refusals('INVALID_REQUEST', 'STORE_UNAVAILABLE', 'READ_MODEL_UNAVAILABLE', 'TIMEOUT'),
          },
        },
      },
      async (request, reply) => {
        const { after = '0', limit = 100, wait = 0 } = request.query;
        const types = typesOf(request.query.types);
        const ask = { after: readPosition(after, 'after'), limit, ...(types && { types }) };
        const { events, scannedTo, atEnd } = await read(ask, wait, request);
        const position = String(scannedTo);
        reply.header('desk-position', position);
        // What was taken out of messages is for those to see who look into how the desk is run.
        const full = principalOf(request).role !== 'integrator';
        const told = (full ? events : await readable(db, events)).map(feedEvent);
        if (request.headers.accept?.includes(ndjson)) {
          return reply.type(ndjson).send(told.map((event) => `${JSON.stringify(event)}\n`).join(''));
        }
        return reply.send({ events: told, next: nextPath(request, position), position, atEnd });
      },
    );
  }
}
