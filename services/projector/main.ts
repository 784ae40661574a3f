import { Type } from 'typebox';
import { createPool } from '#packages/postgres/pool.ts';
import { createProjector } from '#packages/projector/projector.ts';
import { addBusMetrics, busCheck } from '#packages/runtime/bus-metrics.ts';
import { projectionsCheck } from '#packages/runtime/checks.ts';
import { addProjectionGauges } from '#packages/runtime/projection-gauges.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';

await runService(process, {
  name: 'projector',
  config: Type.Object(platformVariables),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const { connection, monitor, store } = await openServicePlatform(config, context, projections);
    const pool = lifecycle.add('pool', createPool({ connection, log, name: 'projector', max: 6 }), (it) => it.end());
    const projector = createProjector({ projections, pool, store, log });
    await lifecycle.add('projector', projector, (it) => it.stop()).start();
    // The bus is only told of: read models need the log alone.
    health.add(projectionsCheck(projector), busCheck(monitor, { needed: false }));
    // Figures of the whole desk, told by one of its processes.
    addProjectionGauges(health.metrics, { store, projector });
    addBusMetrics(health.metrics, monitor);
  },
});
