import { Type } from 'typebox';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startBulk } from './service.ts';

await runService(process, {
  name: 'bulk',
  config: Type.Object(platformVariables),
  async start(config, { lifecycle, log }) {
    const { bus, commands } = await openServicePlatform(config, { lifecycle, log, projections });
    lifecycle.add('bulk', await startBulk({ bus, bulk: commands.bulk, log }), (it) => it.stop());
  },
});
