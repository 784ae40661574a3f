import { Type } from 'typebox';
import { imapOptions } from '#packages/mail/imap-account.ts';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import { intakeTls } from '#packages/mail/smtp-tls.ts';
import { filesCheck, partCheck } from '#packages/runtime/checks.ts';
import { runService } from '#packages/runtime/run-service.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { openServicePlatform, platformVariables } from '#packages/runtime/service-platform.ts';
import { variables } from '#packages/runtime/variables.ts';
import { projections } from '#projections/all.ts';
import { startEmailIngest } from './service.ts';

const { DESK_SECRET, IMAP_ACCOUNTS, MAIL_DOMAIN, SMTP_HOST, SMTP_MAX_BYTES, SMTP_PORT, SMTP_TLS_CERT, SMTP_TLS_KEY } =
  variables;

await runService(process, {
  name: 'email-ingest',
  config: Type.Object({
    ...platformVariables,
    DESK_SECRET,
    IMAP_ACCOUNTS,
    MAIL_DOMAIN,
    SMTP_HOST,
    SMTP_MAX_BYTES,
    SMTP_PORT,
    SMTP_TLS_CERT,
    SMTP_TLS_KEY,
  }),
  async start(config, context) {
    const { health, lifecycle, log } = context;
    // Before anything is waited for, like all that only an operator can mend.
    const accounts = await imapOptions(config);
    const replyAddresses = createReplyAddresses(await deskSecret(config));
    const tls = await intakeTls(config);
    const platform = await openServicePlatform(config, context, projections);
    await platform.blobs.check();
    const { directory, tickets } = platform.commands;
    const smtp = { host: config.SMTP_HOST, port: config.SMTP_PORT, maxBytes: config.SMTP_MAX_BYTES, ...tls };
    const deps = {
      ...platform,
      db: platform.readDb,
      directory,
      tickets,
      replyAddresses,
      smtp,
      ...accounts,
    };
    const ingest = await startEmailIngest({ ...deps, mailDomain: config.MAIL_DOMAIN });
    lifecycle.add('email-ingest', ingest, (it) => it.stop());
    // Not the bus: mail is taken in and kept while that is away.
    health.add(filesCheck(platform.blobs), partCheck('email-ingest', ingest));
    log.info({ host: smtp.host, port: ingest.port() }, 'taking mail in');
  },
});
