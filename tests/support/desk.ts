import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type Logger, pino } from 'pino';
import type { Role } from '#contracts/primitives.ts';
import type { CommandContext } from '#packages/commands/context.ts';
import { createAuthenticate } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { createHttpServer } from '#packages/http/server.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { newId } from '#packages/kernel/ids.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { createProjector } from '#packages/projector/projector.ts';
import { findApiToken } from '#packages/read-db/api-tokens.ts';
import { createFindTicket } from '#packages/read-db/find-ticket.ts';
import { createSelectTickets } from '#packages/read-db/select-tickets.ts';
import { openPlatform, type Platform } from '#packages/runtime/platform.ts';
import { projections } from '#projections/all.ts';
import { registerCommandApi } from '#services/command-api/register.ts';
import { problemPage } from '#services/query-api/pages/problem-page.ts';
import { registerPages } from '#services/query-api/pages/register.ts';
import { registerQueryApi } from '#services/query-api/register.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createTestDatabase } from './postgres.ts';
import { watchRefusals } from './route-refusals.ts';

export const uploadSecret = 'a secret of the tests, longer than 32 characters';

/** A context as a trusted part of the desk would use it. */
export const testContext = (commandId = newId()): CommandContext => ({
  commandId,
  actor: { kind: 'service', id: 'tests' },
  source: 'tests',
  correlationId: commandId,
  causationId: null,
});

export type Person = { readonly id: string; readonly token: string };

export type TestDesk = {
  readonly app: HttpServer;
  readonly platform: Platform;
  readonly clock: TestClock;
  /** Somebody of a role, `<name>@desk.example`, with a token the API knows. */
  person(role: Role, name?: string): Promise<Person>;
  /** A request with the person's token; a body makes it JSON. Reads wait for everything written before. */
  as(person: Person, options: InjectOptions | string): Promise<LightMyRequestResponse>;
  /** Resolves when the read models have caught up with the log. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** The HTTP side of a desk in this process: real log, real read models, no services that react to events. */
export async function startTestDesk({ log = pino({ level: 'silent' }) }: { log?: Logger } = {}): Promise<TestDesk> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'deskledger-desk-'));
  const clock = createTestClock();
  const { connection } = database;
  const names = projections.map(({ name }) => name);
  const platform = await openPlatform({
    connection,
    eventStoreUrl: undefined,
    dataDir,
    projections: names,
    log,
    clock,
  });
  const pool = createPool({ connection, log, name: 'projector', max: 6 });
  const projector = createProjector({ projections, pool, store: platform.store, log });
  await projector.start();
  await projector.waitUntilLive(AbortSignal.timeout(30_000));
  const { app, checkRefusals } = await createTestApp(platform, clock, log);

  const settled = async (): Promise<void> => {
    const head = await platform.store.head();
    if (!(await platform.watch.waitFor(head, 60_000))) throw new Error('the read models did not catch up');
  };

  return {
    app,
    platform,
    clock,
    settled,
    async person(role, name = role) {
      const { directory } = platform.commands;
      const registered = {
        name,
        emails: [`${name}@desk.example`],
        roles: [role],
        companyId: null,
        origin: 'seed',
      } as const;
      const { personId: id } = await directory.registerPerson(registered, testContext());
      const { token } = await directory.issueToken({ personId: id, role, label: name, expiresAt: null }, testContext());
      await settled();
      return { id, token };
    },
    async as({ token }, options) {
      await settled();
      const request = typeof options === 'string' ? { url: options } : options;
      return app.inject({ ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } });
    },
    async stop() {
      await app.close();
      await projector.stop();
      await pool.end();
      await platform.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
      checkRefusals();
    },
  };
}

async function createTestApp(platform: Platform, clock: Clock, log: Logger) {
  const { blobs, commands, drafts, presence, readDb: db, settings, store, watch } = platform;
  const authenticate = createAuthenticate({ findToken: findApiToken(db), clock });
  const app = await createHttpServer({ log, authenticate, problemPage });
  const checkRefusals = watchRefusals(app);
  const query = { db, store, blobs, presence, drafts, clock, progress: watch, settings };
  const findTicket = createFindTicket({ db, store, watch });
  const selectTickets = createSelectTickets({ db, store, watch });
  await registerCommandApi(app, {
    ...commands,
    inForce: settings,
    store,
    findTicket,
    selectTickets,
    blobs,
    presence,
    drafts,
    uploadSecret,
  });
  await registerQueryApi(app, query);
  await registerPages(app, {
    ...query,
    authenticate,
    status: async () => ({
      version: 'test',
      startedAt: '2026-03-02T09:00:00.000Z',
      logPosition: await store.head(),
      listeners: [{ name: 'HTTP', address: 'http://127.0.0.1:8080' }],
      mailboxes: [{ name: 'Support', address: 'support@desk.example' }],
      outgoingMail: 'outbox folder',
      services: [{ name: 'routing', state: 'running', position: 1n }],
      projections: [{ name: 'tickets', version: 1, status: 'live', position: 1n, lag: 0n }],
    }),
  });
  return { app, checkRefusals };
}
