import type { Kysely } from 'kysely';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { RatingUrl } from '#packages/mail/rating-link.ts';
import type { ReplyAddresses } from '#packages/mail/reply-address.ts';
import type { ConsumerSpec, Consumption, Handler, MessageBus } from '#packages/message-bus/port.ts';
import { consumersReadiness, consumersState, type PartReadiness } from '#packages/message-bus/readiness.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { createFailureNote } from './failure-note.ts';
import { createQueue } from './queue.ts';
import { createSatisfactionQuestion } from './satisfaction.ts';
import { createSender } from './send.ts';
import { startSending } from './sending.ts';
import type { Transport } from './transport.ts';

const wakeWaitMs = 5_000;

export type NotificationDeps = {
  readonly bus: MessageBus;
  readonly connection: PostgresConnection;
  readonly store: EventStore;
  readonly handle: CommandHandler;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current'>;
  readonly blobs: BlobStore;
  readonly tickets: Pick<TicketCommands, 'comment'>;
  readonly directory: Pick<DirectoryCommands, 'registerPerson'>;
  readonly transport: Transport;
  readonly replyAddresses: Pick<ReplyAddresses, 'make'>;
  /** Address of the rating page; null: nobody is asked for a rating. */
  readonly ratingUrl: RatingUrl | null;
  /** Domain of the desk's Message-IDs. */
  readonly mailDomain: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Requests of one person are acknowledged one after the other: each counts those before. */
const keysOf = async ({ data, type }: StoredEvent): Promise<readonly string[]> =>
  type === 'TicketCreated' ? [data.requesterId] : [];

/**
 * Mails customers what concerns them, and agents what is said where they follow or are mentioned: first the mail is put on
 * record as queued, then it is sent from that record, until it is accepted or given up. Each step may be repeated at any
 * time.
 */
export async function startNotification(deps: NotificationDeps) {
  const { bus, connection, db, log, watch } = deps;
  const loop = startSending({ connection, db, watch, send: createSender(deps), log });
  const consumptions: Consumption[] = [];

  const stop = async (): Promise<void> => {
    await Promise.all(consumptions.map((each) => each.stop()));
    await loop.stop();
  };
  const wake = async (event: StoredEvent): Promise<void> => {
    await watch.waitFor(event.position, wakeWaitMs, ['outbound-mail']);
    loop.wake();
  };
  const consumers: readonly (readonly [ConsumerSpec, Handler])[] = [
    [{ name: 'notification', types: ['TicketCreated', 'TicketCommented'], keysOf }, createQueue(deps)],
    [
      { name: 'notification-satisfaction', types: ['TicketStatusChanged'], concurrency: 1 },
      createSatisfactionQuestion(deps),
    ],
    [{ name: 'notification-wake', types: ['OutboundMailQueued'] }, wake],
    [{ name: 'notification-failures', types: ['OutboundMailFailed', 'OutboundMailSent'] }, createFailureNote(deps)],
  ];
  try {
    for (const [spec, handler] of consumers) consumptions.push(await bus.consume(spec, handler));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    stop,
    readiness: (): PartReadiness =>
      loop.failure() === null
        ? consumersReadiness(consumptions)
        : { ready: false, detail: 'cannot send for now; the log says why' },
    status: () => ({
      state: loop.failure() ?? consumersState(consumptions, `running, sends by ${deps.transport.kind}`),
      position: consumptions.map((each) => each.position()).reduce((least, each) => (each < least ? each : least)),
    }),
  };
}
