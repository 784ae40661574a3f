import { Type } from 'typebox';
import { partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { projections } from '#projections/all.ts';
import { startSlaTimer } from './service.ts';

await runService(process, {
  name: 'sla-timer',
  config: Type.Object(platformVariables),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const { commands, readDb: db, watch } = await openServicePlatform(config, context, projections);
    const timer = await startSlaTimer({ db, watch, tickets: commands.tickets, log });
    lifecycle.add('sla-timer', timer, (it) => it.stop());
    health.add(partCheck('sla-timer', timer));
  },
});
