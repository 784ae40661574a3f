import { Type } from 'typebox';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startSlaTimer } from './service.ts';

await runService(process, {
  name: 'sla-timer',
  config: Type.Object(platformVariables),
  async start(config, { lifecycle, log }) {
    const { commands, readDb: db, watch } = await openServicePlatform(config, { lifecycle, log, projections });
    lifecycle.add('sla-timer', await startSlaTimer({ db, watch, tickets: commands.tickets, log }), (it) => it.stop());
  },
});
