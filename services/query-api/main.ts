import { Type } from 'typebox';
import { createAuthenticate } from '#packages/http/auth.ts';
import { registerHealth } from '#packages/http/health.ts';
import { registerMetrics } from '#packages/http/metrics.ts';
import { createHttpServer } from '#packages/http/server.ts';
import { findApiToken } from '#packages/read-db/api-tokens.ts';
import { readModelsCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { registerQueryApi } from './register.ts';

const { HTTP_HOST, HTTP_PORT } = variables;

await runService(process, {
  name: 'query-api',
  config: Type.Object({ ...platformVariables, HTTP_HOST, HTTP_PORT }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const {
      blobs,
      presence,
      drafts,
      clock,
      readDb: db,
      settings,
      store,
      watch,
    } = await openServicePlatform(config, context, projections);
    const authenticate = createAuthenticate({ findToken: findApiToken(db), clock });
    const app = lifecycle.add('http', await createHttpServer({ log, authenticate }), (it) => it.close());
    health.add(readModelsCheck(watch, projections));
    registerHealth(app, health.checks);
    registerMetrics(app, health.metrics);
    await registerQueryApi(app, { db, store, blobs, presence, drafts, clock, progress: watch, settings });
    await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  },
});
