import { Type } from 'typebox';
import { seed } from '#packages/commands/seed.ts';
import { createAuthenticate } from '#packages/http/auth.ts';
import { registerHealth } from '#packages/http/health.ts';
import { registerMetrics } from '#packages/http/metrics.ts';
import { createHttpServer } from '#packages/http/server.ts';
import { findApiToken } from '#packages/read-db/api-tokens.ts';
import { createFindTicket } from '#packages/read-db/find-ticket.ts';
import { createSelectTickets } from '#packages/read-db/select-tickets.ts';
import { filesCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { registerCommandApi } from './register.ts';

const { DESK_SECRET, HTTP_HOST, HTTP_PORT, MAIL_DOMAIN } = variables;

await runService(process, {
  name: 'command-api',
  config: Type.Object({ ...platformVariables, DESK_SECRET, HTTP_HOST, HTTP_PORT, MAIL_DOMAIN }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const uploadSecret = await deskSecret(config);
    const {
      blobs,
      presence,
      drafts,
      clock,
      commands,
      readDb: db,
      settings,
      store,
      watch,
    } = await openServicePlatform(config, context, projections);
    await seed(commands, { mailDomain: config.MAIL_DOMAIN });
    const authenticate = createAuthenticate({ findToken: findApiToken(db), clock });
    const app = lifecycle.add('http', await createHttpServer({ log, authenticate }), (it) => it.close());
    const findTicket = createFindTicket({ db, store, watch });
    const selectTickets = createSelectTickets({ db, store, watch });
    await blobs.check();
    health.add(filesCheck(blobs));
    registerHealth(app, health.checks);
    registerMetrics(app, health.metrics);
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
    await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  },
});
