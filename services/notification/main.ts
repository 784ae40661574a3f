import { join } from 'node:path';
import { Type } from 'typebox';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import { busChecks, filesCheck, partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { openTransport } from './open-transport.ts';
import { startNotification } from './service.ts';

const { DESK_SECRET, MAIL_DOMAIN, SMTP_URL } = variables;

await runService(process, {
  name: 'notification',
  config: Type.Object({ ...platformVariables, DESK_SECRET, MAIL_DOMAIN, SMTP_URL }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const platform = await openServicePlatform(config, context, projections);
    const outbox = join(config.DATA_DIR, 'outbox');
    const transport = await openTransport({ smtpUrl: config.SMTP_URL, outbox, clock: platform.clock, log });
    const replyAddresses = createReplyAddresses(await deskSecret(config));
    const { directory, tickets } = platform.commands;
    const deps = {
      ...platform,
      db: platform.readDb,
      directory,
      tickets,
      transport,
      replyAddresses,
      mailDomain: config.MAIL_DOMAIN,
    };
    const notification = lifecycle.add('notification', await startNotification(deps), (it) => it.stop());
    health.add(filesCheck(platform.blobs), ...busChecks(platform), partCheck('notification', notification));
  },
});
