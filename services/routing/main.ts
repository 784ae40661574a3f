import { Type } from 'typebox';
import { busCheck } from '#packages/runtime/bus-metrics.ts';
import { partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startRouting } from './service.ts';

await runService(process, {
  name: 'routing',
  config: Type.Object(platformVariables),
  async start(config, context) {
    const platform = await openServicePlatform(config, context, projections);
    const deps = { ...platform, db: platform.readDb, tickets: platform.commands.tickets };
    const routing = context.lifecycle.add('routing', await startRouting(deps), (it) => it.stop());
    context.health.add(busCheck(platform.monitor, { needed: true }), partCheck('routing', routing));
  },
});
