import { Type } from 'typebox';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { startRelay } from './service.ts';

await runService(process, {
  name: 'relay',
  // The one service that has nothing to do without a broker.
  config: Type.Object({ ...platformVariables, NATS_URL: Type.Unsafe<string>({ ...variables.NATS_URL }) }),
  async start(config, { lifecycle, log }) {
    const { connection, pool, publisher, store } = await openServicePlatform(config, { lifecycle, log, projections });
    if (!publisher) throw new Error('NATS_URL is set but there is no broker');
    lifecycle.add('relay', await startRelay({ connection, pool, store, publisher, log }), (it) => it.stop());
  },
});
