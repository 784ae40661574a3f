import { Type } from 'typebox';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startRelations } from './service.ts';

await runService(process, {
  name: 'relations',
  config: Type.Object(platformVariables),
  async start(config, { lifecycle, log }) {
    const { bus, commands } = await openServicePlatform(config, { lifecycle, log, projections });
    const deps = { bus, relations: commands.relations, log };
    lifecycle.add('relations', await startRelations(deps), (it) => it.stop());
  },
});
