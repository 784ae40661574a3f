import { join } from 'node:path';
import { createLifecycle } from '#packages/kernel/lifecycle.ts';
import { imapOptions } from '#packages/mail/imap-account.ts';
import { createRatingUrl } from '#packages/mail/rating-link.ts';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import { intakeTls } from '#packages/mail/smtp-tls.ts';
import type { Platform } from '#packages/runtime/platform.ts';
import { startBulk } from '#services/bulk/service.ts';
import { startEmailIngest } from '#services/email-ingest/service.ts';
import { openTransport } from '#services/notification/open-transport.ts';
import { startNotification } from '#services/notification/service.ts';
import { startRelations } from '#services/relations/service.ts';
import { startRelay } from '#services/relay/service.ts';
import { startRouting } from '#services/routing/service.ts';
import { startSlaTimer } from '#services/sla-timer/service.ts';
import type { DeskConfig } from './config.ts';

/** Longest that one service may take to finish what it has in hand; the slowest takes 9 s, mail under way included. */
const stopTimeoutMs = 10_000;

type ServiceStatus = { readonly state: string; readonly position: bigint | null };

/** Starts the services that react to the log, in one process; they stop in reverse order, intake of mail last in, first out. */
export async function startServices(config: DeskConfig, { platform, secret }: { platform: Platform; secret: string }) {
  const { blobs, bus, clock, commands, connection, handle, log, pool, publisher, settings, store, watch } = platform;
  const { readDb: db } = platform;
  const { directory, tickets } = commands;
  const shared = { bus, connection, store, handle, db, watch, settings, blobs, clock, log, tickets, directory };
  const mailDomain = config.MAIL_DOMAIN;
  const replyAddresses = createReplyAddresses(secret);
  const publicUrl = config.PUBLIC_URL;
  const ratingUrl = publicUrl === undefined ? null : createRatingUrl({ publicUrl, secret });
  const lifecycle = createLifecycle({ log, stopTimeoutMs });
  const started = new Map<string, () => ServiceStatus>();

  const run = async <T extends { stop(): Promise<void>; status(): ServiceStatus }>(
    name: string,
    starting: Promise<T>,
  ): Promise<T> => {
    const service = lifecycle.add(name, await starting, (it) => it.stop());
    started.set(name, () => service.status());
    return service;
  };

  try {
    const outbox = join(config.DATA_DIR, 'outbox');
    const transport = await openTransport({ variables: config, outbox, clock, log });
    if (publisher) await run('relay', startRelay({ connection, pool, store, publisher, log }));
    await run('bulk', startBulk({ bus, bulk: commands.bulk, log }));
    await run('relations', startRelations({ bus, relations: commands.relations, directory: commands.directory, log }));
    await run('sla-timer', startSlaTimer(shared));
    await run('notification', startNotification({ ...shared, replyAddresses, ratingUrl, mailDomain, transport }));
    await run('routing', startRouting(shared));
    const tls = await intakeTls(config);
    const smtp = { host: config.SMTP_HOST, port: config.SMTP_PORT, maxBytes: config.SMTP_MAX_BYTES, ...tls };
    const intake = { smtp, ...(await imapOptions(config)) };
    const ingest = await run('email-ingest', startEmailIngest({ ...shared, ...intake, replyAddresses, mailDomain }));
    return {
      smtpAddress: `${config.SMTP_HOST}:${ingest.port()}`,
      outgoingMail: config.SMTP_URL ? `SMTP server ${new URL(config.SMTP_URL).host}` : `folder ${outbox}`,
      status: () => [...started].map(([name, status]) => ({ name, ...status() })),
      stop: () => lifecycle.stop(),
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

export type Services = Awaited<ReturnType<typeof startServices>>;
