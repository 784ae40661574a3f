import { Type } from 'typebox';
import { busCheck } from '#packages/runtime/bus-metrics.ts';
import { partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startRelations } from './service.ts';

await runService(process, {
  name: 'relations',
  config: Type.Object(platformVariables),
  async start(config, context) {
    const { bus, commands, log, monitor } = await openServicePlatform(config, context, projections);
    const deps = { bus, relations: commands.relations, directory: commands.directory, log };
    const relations = context.lifecycle.add('relations', await startRelations(deps), (it) => it.stop());
    context.health.add(busCheck(monitor, { needed: true }), partCheck('relations', relations));
  },
});
