import { createAuthenticate } from '#packages/http/auth.ts';
import { registerHealth } from '#packages/http/health.ts';
import { createMetrics, registerMetrics } from '#packages/http/metrics.ts';
import { createHttpServer } from '#packages/http/server.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { Projector } from '#packages/projector/projector.ts';
import { findApiToken } from '#packages/read-db/api-tokens.ts';
import { createFindTicket } from '#packages/read-db/find-ticket.ts';
import { createSelectTickets } from '#packages/read-db/select-tickets.ts';
import { addBusMetrics, busCheck } from '#packages/runtime/bus-metrics.ts';
import { filesCheck, platformChecks, projectionsCheck } from '#packages/runtime/checks.ts';
import type { Platform } from '#packages/runtime/platform.ts';
import { addProjectionGauges } from '#packages/runtime/projection-gauges.ts';
import { registerCommandApi } from '#services/command-api/register.ts';
import { problemPage } from '#services/query-api/pages/problem-page.ts';
import { registerPages } from '#services/query-api/pages/register.ts';
import type { DeskStatus } from '#services/query-api/pages/status.ts';
import { registerQueryApi } from '#services/query-api/register.ts';
import type { DeskConfig } from './config.ts';
import type { Services } from './services.ts';

type Parts = { platform: Platform; projector: Projector; services: Services; secret: string; version: string };

/** The one HTTP door of the desk: commands, queries, pages, health and metrics on one port. */
export async function startHttp(config: DeskConfig, parts: Parts) {
  const { platform, projector, secret } = parts;
  const { blobs, clock, commands, drafts, log, presence, readDb: db, settings, store, watch } = platform;
  const authenticate = createAuthenticate({ findToken: findApiToken(db), clock });
  const app = await createHttpServer({ log, authenticate, problemPage });
  const query = { db, store, blobs, presence, drafts, clock, progress: watch, settings };
  const startedAt = toTimestamp(clock.now());
  const place = { url: '' };

  const bus = busCheck(platform.monitor, { needed: false });
  registerHealth(app, [...platformChecks(platform), bus, filesCheck(blobs), projectionsCheck(projector)]);
  const metrics = createMetrics({ log });
  addProjectionGauges(metrics, { store, projector });
  addBusMetrics(metrics, platform.monitor);
  registerMetrics(app, metrics);
  await registerCommandApi(app, {
    ...commands,
    inForce: settings,
    store,
    findTicket: createFindTicket({ db, store, watch }),
    selectTickets: createSelectTickets({ db, store, watch }),
    blobs,
    presence,
    drafts,
    uploadSecret: secret,
  });
  await registerQueryApi(app, query);
  await registerPages(app, {
    ...query,
    authenticate,
    status: () => deskStatus(config, parts, { startedAt, url: place.url }),
  });

  await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : config.HTTP_PORT;
  place.url = config.PUBLIC_URL?.replace(/\/$/, '') ?? `http://${config.HTTP_HOST}:${port}`;
  return { url: place.url, close: () => app.close() };
}

async function deskStatus(
  config: DeskConfig,
  { platform, projector, services, version }: Parts,
  { startedAt, url }: { startedAt: string; url: string },
): Promise<DeskStatus> {
  const health = await projector.health();
  return {
    version,
    startedAt,
    logPosition: await platform.store.head(),
    listeners: [
      { name: 'HTTP', address: url },
      { name: 'SMTP intake', address: services.smtpAddress },
      ...(config.DATABASE_URL ? [] : [{ name: 'PostgreSQL (embedded)', address: 'a unix socket below DATA_DIR' }]),
    ],
    mailboxes: platform.settings
      .current()
      .inForce('mailbox')
      .filter(({ value }) => value.active)
      .map(({ value: { address, name } }) => ({ name, address })),
    outgoingMail: services.outgoingMail,
    services: services.status(),
    projections: health
      .filter(({ stage }) => stage === 'live')
      .map(({ lag, name, position, status, version: of }) => ({ name, version: of, status, position, lag })),
  };
}
