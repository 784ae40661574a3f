import type { Kysely } from 'kysely';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { createMailParser } from '#packages/mail/parse.ts';
import type { ReplyAddresses } from '#packages/mail/reply-address.ts';
import { createSmtpIntake } from '#packages/mail/smtp-intake.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, type PartReadiness } from '#packages/message-bus/readiness.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { createAuthors } from './authors.ts';
import { createCandidateSearch } from './candidates.ts';
import { createDecision } from './decide.ts';
import { type ImapOptions, startImapIntake } from './imap.ts';
import { createProcessing, maxAttempts } from './process.ts';
import { createReception } from './receive.ts';
import { createRelations } from './relations.ts';

/** Mails worked on at once: most of the time goes into waiting for the log and the read models. */
const concurrency = 16;
const parsers = 2;

export type EmailIngestDeps = {
  readonly bus: MessageBus;
  readonly store: EventStore;
  readonly handle: CommandHandler;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current'>;
  readonly blobs: BlobStore;
  readonly tickets: Pick<TicketCommands, 'comment' | 'create'>;
  readonly directory: Pick<DirectoryCommands, 'ensurePerson' | 'findByAddress' | 'registerPerson'>;
  readonly replyAddresses: Pick<ReplyAddresses, 'read'>;
  /** Domain of the desk's own Message-IDs. */
  readonly mailDomain: string;
  /** Where the SMTP intake listens; port 0 for any free one. `maxBytes` is the largest mail taken in. */
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly maxBytes: number;
    /** PEM; with it STARTTLS is offered. */
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** Mail accounts to read from as well. */
  readonly imap?: ImapOptions;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Takes mail in over SMTP and IMAP, keeps it, and turns it into tickets and comments. Rejects with `code` EADDRINUSE (or another
 * of the system) when the port cannot be had.
 */
export async function startEmailIngest(deps: EmailIngestDeps) {
  const { bus, log, smtp } = deps;
  const authors = createAuthors(deps);
  const search = createCandidateSearch(deps);
  const parser = createMailParser({ log, workers: parsers, maxBytes: smtp.maxBytes });
  const readReplyAddress = (address: string) => deps.replyAddresses.read(address);
  const decide = createDecision({ ...deps, authors, search, parser, readReplyAddress });
  const process = createProcessing({ ...deps, decide });
  const reception = createReception({ ...deps, maxBytes: smtp.maxBytes });

  const intake = await createSmtpIntake({ ...smtp, ...reception, log }).catch(async (error: unknown) => {
    await parser.close();
    throw error;
  });
  // Side by side, but for mails that have to do with each other: a reply must find the ticket that the mail right before
  // it has opened.
  const keysOf = createRelations({ ...deps, parser, readReplyAddress });
  const spec = { name: 'email-ingest', types: ['InboundMailReceived'], concurrency, keysOf, maxAttempts } as const;
  const consumption = await bus.consume(spec, process).catch(async (error: unknown) => {
    await intake.close();
    await parser.close();
    throw error;
  });

  const accounts = startImapIntake({ ...deps, maxBytes: smtp.maxBytes }, deps.imap ?? { accounts: [] });

  return {
    /** The port that the SMTP intake listens on. */
    port: () => intake.port(),
    /** Takes no more mail, finishes the one in hand. */
    async stop(): Promise<void> {
      await Promise.all([intake.close(), accounts.stop()]);
      await consumption.stop();
      await parser.close();
    },
    /** Mail is taken in and kept also while nothing can be made of it yet. */
    readiness: (): PartReadiness => ({
      ready: true,
      detail: `takes mail in; turning it into tickets: ${consumersReadiness([consumption]).detail}`,
    }),
    status: () => ({
      state: [`SMTP on ${smtp.host}:${intake.port()}`, ...accounts.status()].join('; '),
      position: consumption.position(),
    }),
  };
}
