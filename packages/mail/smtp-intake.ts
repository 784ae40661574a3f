import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerEnvelope, type SMTPServerSession } from 'smtp-server';
import { AppError, isAppError, isTransient } from '#packages/kernel/errors.ts';
import { cleanText } from './plain-text.ts';
import { createSmtpGuard, type GuardLimits } from './smtp-guard.ts';
import { receiveMessage } from './smtp-message.ts';

export type IncomingMessage = {
  readonly mailboxIds: readonly string[];
  /** Reverse-path; null for `<>`, by which bounces come. */
  readonly envelopeFrom: string | null;
  readonly recipients: readonly string[];
  /** Address of the peer. */
  readonly remote: string;
  readonly stream: Readable;
};

type Limits = GuardLimits & {
  readonly maxClients: number;
  readonly maxRecipients: number;
  /** Silence after which a peer is disconnected. */
  readonly idleMs: number;
  /** Time for one message from DATA to the final dot. */
  readonly messageMs: number;
  /** A message that comes in more slowly than this, once it has taken that long, is given up. */
  readonly slow: { readonly afterMs: number; readonly bytesPerSecond: number };
  /** Time that messages under way get at close. */
  readonly closeMs: number;
};

type Options = {
  readonly host?: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Name in the greeting. The machine's own name is nobody's business. */
  readonly name?: string;
  readonly maxBytes?: number;
  /** Mailbox of a recipient, or null when there is none. An error is answered as temporary. */
  readonly accepts: (recipient: string) => Promise<string | null>;
  /** Must store the message durably before it resolves: then, and only then, the peer is told that it was accepted. */
  readonly onMessage: (message: IncomingMessage) => Promise<void>;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** PEM; with it STARTTLS is offered. */
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type SmtpIntake = {
  port(): number;
  /** Takes no new connection, lets messages under way come to their end for a while, then cuts the rest. */
  close(): Promise<void>;
};

const defaults: Limits = {
  maxClients: 100,
  maxPerAddress: 50,
  maxRecipients: 100,
  idleMs: 60_000,
  transactionMs: 60_000,
  messageMs: 600_000,
  slow: { afterMs: 60_000, bytesPerSecond: 1_024 },
  closeMs: 3_000,
};

/** An answer of the protocol (RFC 5321 4.2) with its enhanced code (RFC 3463). */
const reply = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });
const replies = {
  unknownRecipient: () => reply(550, '5.1.1 No such mailbox here'),
  badSender: () => reply(553, '5.1.7 That is no address a mail can come from'),
  tooManyRecipients: () => reply(452, '4.5.3 Too many recipients, send the rest in another transaction'),
  tooLarge: (maxBytes: number) => reply(552, `5.3.4 The message is larger than ${maxBytes} bytes`),
  tooManyConnections: () => reply(421, '4.7.0 Too many connections from your address, try again later'),
  tooSlow: () => reply(421, '4.4.2 The message took too long'),
  temporary: () => reply(451, '4.3.0 The message cannot be taken just now, try again later'),
};

/**
 * An SMTP server (RFC 5321) for incoming mail. It is meant to stand behind a mail server or on loopback: no
 * authentication, no relaying, and a message that cannot be stored is left with the sender.
 * @throws Error with `code` of the system, EADDRINUSE when the port is taken
 */
export async function createSmtpIntake(options: Options): Promise<SmtpIntake> {
  const {
    host = '127.0.0.1',
    port,
    name = 'deskledger',
    maxBytes = 25 * 1024 * 1024,
    accepts,
    onMessage,
    log,
  } = options;
  const limits = { ...defaults, ...options.limits };
  const mailboxes = new WeakMap<SMTPServerEnvelope, Map<string, string>>();
  const farewell = options.tls ? null : '421 4.4.2 You took too long to send a message\r\n';
  const guard = createSmtpGuard({ limits, farewell, log });
  const receiving = new Map<string, Readable>();
  const underWay = new Set<Promise<void>>();

  const mailboxOf = async ({ envelope }: SMTPServerSession, recipient: string): Promise<void> => {
    if (envelope.rcptTo.length >= limits.maxRecipients) throw replies.tooManyRecipients();
    const mailboxId = await accepts(recipient);
    if (mailboxId === null) throw replies.unknownRecipient();
    const known = mailboxes.get(envelope) ?? new Map<string, string>();
    mailboxes.set(envelope, known.set(recipient, mailboxId));
  };

  const receive = async (stream: Readable, session: SMTPServerSession): Promise<void> => {
    const { envelope, remoteAddress: remote } = session;
    const recipients = envelope.rcptTo.map(({ address }) => address);
    const mailboxIds = [...new Set(mailboxes.get(envelope)?.values())];
    const envelopeFrom = envelope.mailFrom ? envelope.mailFrom.address || null : null;
    receiving.set(session.id, stream);
    try {
      await receiveMessage(stream, { maxBytes, timeoutMs: limits.messageMs, slow: limits.slow }, (content) =>
        onMessage({ mailboxIds, envelopeFrom, recipients, remote, stream: content }),
      );
    } finally {
      receiving.delete(session.id);
    }
  };

  const socketOf = ({ remoteAddress, remotePort }: SMTPServerSession): Socket | undefined =>
    guard.find(remoteAddress, remotePort);

  const refusal = (error: unknown): Error => {
    if (error instanceof Error && 'responseCode' in error) return error;
    if (isAppError(error, 'PAYLOAD_TOO_LARGE')) return replies.tooLarge(maxBytes);
    if (isAppError(error, 'TIMEOUT')) return replies.tooSlow();
    log[isTransient(error) ? 'warn' : 'error']({ err: error }, 'mail not taken, the sender will try again');
    return replies.temporary();
  };

  const server = new SMTPServer({
    name,
    ...options.tls,
    ...{ heloResponse: '%s' },
    disabledCommands: ['AUTH', 'WIZ', 'SHELL', 'KILL', 'HELP', ...(options.tls ? [] : ['STARTTLS'])],
    disableReverseLookup: true,
    logger: false,
    maxClients: limits.maxClients,
    socketTimeout: limits.idleMs,
    closeTimeout: limits.closeMs,
    size: maxBytes,
    // SIZE is announced without its number: smtp-server would then check it itself and answer 552 with the wrong
    // enhanced code or none. RFC 1870 3 allows it, and `onMailFrom` does the check.
    hideSize: true,
    onConnect: ({ remoteAddress }, done) => done(guard.isCrowded(remoteAddress) ? replies.tooManyConnections() : null),
    onMailFrom: ({ address, args }, _session, done) => {
      // What no event can hold would be refused as temporary later, and tried again for days.
      if (cleanText(address) !== address) done(replies.badSender());
      else done(declaredSize(args) > maxBytes ? replies.tooLarge(maxBytes) : null);
    },
    onRcptTo: ({ address }, session, done) => answer(mailboxOf(session, address), done),
    onData: (stream, session, done) => {
      const received = receive(stream, session);
      underWay.add(received);
      guard.suspend(socketOf(session));
      answer(received, (error) => {
        underWay.delete(received);
        guard.begin(socketOf(session));
        done(error, error ? undefined : '2.0.0 Accepted');
        // Refused long before its end: the peer was told why, and what it still sends is read by nobody.
        if (!stream.readableEnded) socketOf(session)?.destroySoon();
      });
    },
    // A peer that goes away in the middle of a message leaves a stream that would never end.
    onClose: (session) => receiving.get(session.id)?.destroy(new AppError('TIMEOUT', { detail: 'connection lost' })),
  });

  const answer = (work: Promise<void>, done: (error?: Error | null) => void): void => {
    work.then(
      () => done(null),
      (error: unknown) => done(refusal(error)),
    );
  };

  server.server.on('connection', guard.watch);
  await listen(server, port, host);
  const { port: listening } = server.server.address() as AddressInfo;
  server.on('error', (error) => log.debug({ err: error }, 'SMTP connection failed'));

  return {
    port: () => listening,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      const grace = setTimeout(() => destroyAll(guard.sockets()), limits.closeMs);
      await Promise.allSettled(underWay);
      // What is left is idle. A moment for the last answers to leave, then nothing keeps them.
      for (const socket of guard.sockets()) socket.end('421 4.3.2 The service is closing\r\n', () => socket.destroy());
      await closed;
      clearTimeout(grace);
    },
  };
}

function listen(server: SMTPServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function destroyAll(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** SIZE that the sender declared with MAIL FROM (RFC 1870 6); 0 when it did not. */
function declaredSize(args: object | false): number {
  const size = args && 'SIZE' in args ? Number(args.SIZE) : 0;
  return Number.isSafeInteger(size) ? size : 0;
}
