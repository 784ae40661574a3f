import { join } from 'node:path';
import { Type } from 'typebox';
import { createRatingUrl } from '#packages/mail/rating-link.ts';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { openTransport } from './open-transport.ts';
import { startNotification } from './service.ts';

const { DESK_SECRET, MAIL_DOMAIN, PUBLIC_URL, SMTP_URL } = variables;

await runService(process, {
  name: 'notification',
  config: Type.Object({ ...platformVariables, DESK_SECRET, MAIL_DOMAIN, PUBLIC_URL, SMTP_URL }),
  async start(config, { lifecycle, log }) {
    const platform = await openServicePlatform(config, { lifecycle, log, projections });
    const outbox = join(config.DATA_DIR, 'outbox');
    const transport = await openTransport({ smtpUrl: config.SMTP_URL, outbox, clock: platform.clock, log });
    const secret = await deskSecret(config);
    const replyAddresses = createReplyAddresses(secret);
    const publicUrl = config.PUBLIC_URL;
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
    lifecycle.add('notification', await startNotification(deps), (it) => it.stop());
  },
});
