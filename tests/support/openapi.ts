import type { RouteOptions } from 'fastify';
import { pino } from 'pino';
import { registerHealth } from '#packages/http/health.ts';
import { createMetrics, registerMetrics } from '#packages/http/metrics.ts';
import { openapiDocument } from '#packages/http/openapi-document.ts';
import { createHttpServer } from '#packages/http/server.ts';
import { registerCommandApi } from '#services/command-api/register.ts';
import { registerPages } from '#services/query-api/pages/register.ts';
import { registerQueryApi } from '#services/query-api/register.ts';

/** Stands for a part that is not there: routes are described without any of them being called. */
const absent = {} as never;

/** The API with nothing behind it. `onRoute` is told each of its routes. */
export async function createBareApp(onRoute: (route: RouteOptions) => void = () => undefined) {
  const log = pino({ level: 'silent' });
  const app = await createHttpServer({ log, authenticate: async () => null });
  app.addHook('onRoute', onRoute);
  const query = {
    db: absent,
    store: absent,
    blobs: absent,
    presence: absent,
    drafts: absent,
    clock: absent,
    progress: absent,
    settings: absent,
  };
  registerHealth(app, []);
  registerMetrics(app, createMetrics({ log }));
  await registerCommandApi(app, {
    tickets: absent,
    agents: absent,
    groups: absent,
    articles: absent,
    relations: absent,
    macros: absent,
    calls: absent,
    bulk: absent,
    directory: absent,
    settings: absent,
    inForce: absent,
    store: absent,
    findTicket: absent,
    selectTickets: absent,
    blobs: absent,
    presence: absent,
    drafts: absent,
    uploadSecret: 'not used, and longer than 32 characters',
  });
  await registerQueryApi(app, query);
  await registerPages(app, {
    ...query,
    authenticate: async () => null,
    status: () => Promise.reject(new Error('absent')),
  });
  await app.ready();
  return app;
}

/** The text of contracts/openapi.json as the routes of this moment make it. */
export async function openapiText(): Promise<string> {
  const app = await createBareApp();
  const text = `${JSON.stringify(openapiDocument(app), null, 2)}\n`;
  await app.close();
  return text;
}
