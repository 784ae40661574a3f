import { Type } from 'typebox';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startRouting } from './service.ts';

await runService(process, {
  name: 'routing',
  config: Type.Object(platformVariables),
  async start(config, { lifecycle, log }) {
    const platform = await openServicePlatform(config, { lifecycle, log, projections });
    const deps = { ...platform, db: platform.readDb, tickets: platform.commands.tickets };
    lifecycle.add('routing', await startRouting(deps), (it) => it.stop());
  },
});
