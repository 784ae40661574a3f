import { Type } from 'typebox';
import { busCheck } from '#packages/runtime/bus-metrics.ts';
import { partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startBulk } from './service.ts';

await runService(process, {
  name: 'bulk',
  config: Type.Object(platformVariables),
  async start(config, context) {
    const { bus, commands, log, monitor } = await openServicePlatform(config, context, projections);
    const deps = { bus, bulk: commands.bulk, log };
    const bulk = context.lifecycle.add('bulk', await startBulk(deps), (it) => it.stop());
    context.health.add(busCheck(monitor, { needed: true }), partCheck('bulk', bulk));
  },
});
