import { join } from 'node:path';
import { Type } from 'typebox';
import { createRatingUrl } from '#packages/mail/rating-link.ts';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import { busCheck } from '#packages/runtime/bus-metrics.ts';
import { filesCheck, partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { openTransport } from './open-transport.ts';
import { startNotification } from './service.ts';

const { DESK_SECRET, MAIL_DOMAIN, PUBLIC_URL, SMTP_CA_FILE, SMTP_PASSWORD_FILE, SMTP_TOKEN_FILE, SMTP_URL } = variables;
const smtp = { SMTP_CA_FILE, SMTP_PASSWORD_FILE, SMTP_TOKEN_FILE, SMTP_URL };

await runService(process, {
  name: 'notification',
  config: Type.Object({ ...platformVariables, DESK_SECRET, MAIL_DOMAIN, PUBLIC_URL, ...smtp }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    const secret = await deskSecret(config);
    const replyAddresses = createReplyAddresses(secret);
    const publicUrl = config.PUBLIC_URL;
    const platform = await openServicePlatform(config, context, projections);
    await platform.blobs.check();
    const outbox = join(config.DATA_DIR, 'outbox');
    const transport = await openTransport({ variables: config, outbox, clock: platform.clock, log });
    const { directory, tickets } = platform.commands;
    const deps = {
      ...platform,
      db: platform.readDb,
      directory,
      tickets,
      transport,
      replyAddresses,
      ratingUrl: publicUrl === undefined ? null : createRatingUrl({ publicUrl, secret }),
      mailDomain: config.MAIL_DOMAIN,
    };
    const notification = lifecycle.add('notification', await startNotification(deps), (it) => it.stop());
    health.add(
      filesCheck(platform.blobs),
      busCheck(platform.monitor, { needed: true }),
      partCheck('notification', notification),
    );
  },
});
