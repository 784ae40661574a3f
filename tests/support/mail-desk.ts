import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import { onTestFinished } from 'vitest';
import type { DeskEvent, EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import type { DeliveryResult, OutgoingMessage } from '#packages/mail/delivery.ts';
import type { ParsedMail } from '#packages/mail/parsed-mail.ts';
import { createRatingUrl } from '#packages/mail/rating-link.ts';
import { readMail } from '#packages/mail/read-mail.ts';
import { createReplyAddresses } from '#packages/mail/reply-address.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { type EmailIngestDeps, startEmailIngest } from '#services/email-ingest/service.ts';
import { type NotificationDeps, startNotification } from '#services/notification/service.ts';
import type { Transport } from '#services/notification/transport.ts';
import { type RoutingDeps, startRouting } from '#services/routing/service.ts';
import { type SlaTimerDeps, startSlaTimer } from '#services/sla-timer/service.ts';
import { startTestDesk, type TestDesk, testContext } from './desk.ts';
import { log } from './read-models.ts';

export const mailDomain = 'desk.example';
export const ratingUrl = createRatingUrl({ publicUrl: 'https://desk.example/', secret: 'a secret of the tests' });
export const replyAddresses = createReplyAddresses('a secret of the tests');

export type ServiceName = 'email-ingest' | 'routing' | 'notification' | 'sla-timer';
type Running = { stop(): Promise<void>; status(): { state: string; position: bigint | null } };
export type SentMail = {
  readonly envelope: OutgoingMessage['envelope'];
  readonly raw: Buffer;
  readonly mail: ParsedMail;
};

const patienceMs = 20_000;

/** Waits until the condition holds; throws when it never does. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came about: ${what}`);
    await sleep(20);
  }
}

/** Everything that any of the four services needs, on the parts of a test desk. */
export function serviceDeps({ platform }: TestDesk, transport: Transport) {
  const { blobs, bus, clock, commands, connection, handle, readDb: db, settings, store, watch } = platform;
  const { directory, tickets } = commands;
  return {
    ...{ blobs, bus, clock, connection, db, directory, handle, settings, store, tickets, watch },
    ...{ log, mailDomain, ratingUrl, replyAddresses, transport },
    smtp: { host: '127.0.0.1', port: 0, maxBytes: 2 * 1024 * 1024 },
  } satisfies EmailIngestDeps & NotificationDeps & RoutingDeps & SlaTimerDeps;
}

/** Text of a fixture with its `{{name}}` replaced, as it goes over the wire. */
export async function fixture(name: string, values: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const text = await readFile(new URL(`../fixtures/mail/${name}.eml`, import.meta.url), 'utf8');
  const filled = text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? '');
  return Buffer.from(filled.replace(/\r?\n/g, '\r\n'));
}

/**
 * A desk with two mailboxes and some of its services running on the real log, bus and read models. What it sends is kept
 * in memory, `answer` decides what the mail server says to it. Everything is gone after the test.
 */
export async function startMailDesk(
  options: {
    services?: readonly ServiceName[];
    answer?: (mail: OutgoingMessage) => DeliveryResult;
    transport?: Transport;
    /** Stands between the services and the bus. */
    bus?: (bus: MessageBus) => MessageBus;
  } = {},
) {
  const { services = ['email-ingest', 'routing', 'notification'] } = options;
  const answer = options.answer ?? (() => ({ delivered: true, response: '250 ok', refused: [] }) as const);
  const desk = await startTestDesk({ log });
  const { commands, readDb, store, watch } = desk.platform;
  const sent: SentMail[] = [];
  const transport = options.transport ?? {
    kind: 'smtp',
    async deliver({ envelope, raw }) {
      const result = answer({ envelope, raw });
      if (result.delivered) sent.push({ envelope, raw, mail: await readMail(raw) });
      return result;
    },
  };
  const own = serviceDeps(desk, transport);
  const deps = { ...own, bus: options.bus?.(own.bus) ?? own.bus };
  for (const id of ['support', 'billing']) {
    const mailbox = { name: id === 'support' ? 'Support' : 'Billing', address: `${id}@desk.example`, active: true };
    await commands.settings.save('mailbox', id, mailbox, testContext(idFrom('mail-desk', id)));
  }
  await until('settings', async () => desk.platform.settings.current().inForce('mailbox').length === 2);

  const running = new Map<ServiceName, Running>();
  let port = 0;
  const start = async (name: ServiceName): Promise<void> => {
    if (name === 'email-ingest') {
      const ingest = await startEmailIngest(deps);
      port = ingest.port();
      running.set(name, ingest);
    } else if (name === 'notification') running.set(name, await startNotification(deps));
    else if (name === 'routing') running.set(name, await startRouting(deps));
    else running.set(name, await startSlaTimer(deps));
  };
  const stop = async (name: ServiceName): Promise<void> => {
    await running.get(name)?.stop();
    running.delete(name);
  };
  onTestFinished(async () => {
    for (const name of [...running.keys()].toReversed()) await stop(name);
    await desk.stop();
  });
  for (const name of services) await start(name);

  const unsent = async (): Promise<number> => {
    if (!running.has('notification')) return 0;
    const rows = await readDb.selectFrom('outbound_mail').select('id').where('state', '=', 'queued').execute();
    return rows.length;
  };

  return {
    desk,
    deps,
    sent,
    start,
    stop,
    port: () => port,
    /** Hands a raw mail to the SMTP intake. */
    async send(raw: Buffer, envelope: { from?: string; to?: string | string[] } = {}): Promise<void> {
      const peer = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
      try {
        const { from = 'anna.berg@customer.example', to = 'support@desk.example' } = envelope;
        await peer.sendMail({ envelope: { from, to }, raw });
      } finally {
        peer.close();
      }
    },
    /** Resolves when every service has handled everything, what they caused included, and the read models show it. */
    async quiet(): Promise<void> {
      await until('quiet', async () => {
        const head = await store.head();
        const behind = [...running.values()].some((service) => (service.status().position ?? head) < head);
        if (behind || !(await watch.waitFor(head, 5_000)) || (await unsent()) > 0) return false;
        return (await store.head()) === head;
      });
    },
    /** Events of one type in the order of the log. */
    async events<T extends EventType>(type: T): Promise<StoredEvent<Extract<DeskEvent, { type: T }>>[]> {
      const page = await store.readAll(0n, { types: [type], limit: 10_000 });
      return page.events as StoredEvent<Extract<DeskEvent, { type: T }>>[];
    },
  };
}

export type MailDesk = Awaited<ReturnType<typeof startMailDesk>>;
