import { Type } from 'typebox';
import { busCheck } from '#packages/runtime/bus-metrics.ts';
import { partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { startRelay } from './service.ts';

await runService(process, {
  name: 'relay',
  // The one service that has nothing to do without a broker.
  config: Type.Object({ ...platformVariables, NATS_URL: Type.Unsafe<string>({ ...variables.NATS_URL }) }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const platform = await openServicePlatform(config, context, projections);
    const { connection, pool, publisher, store } = platform;
    if (!publisher) throw new Error('NATS_URL is set but there is no broker');
    const relay = lifecycle.add('relay', await startRelay({ connection, pool, store, publisher, log }), (it) =>
      it.stop(),
    );
    health.add(busCheck(platform.monitor, { needed: true }), partCheck('relay', relay));
  },
});
