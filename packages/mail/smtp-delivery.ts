import type { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import type { DeliveryResult, OutgoingMessage } from './delivery.ts';
import { cleanLine } from './plain-text.ts';
import type { SmtpAccount } from './smtp-account.ts';
import { accountOptions, connectSmtp } from './smtp-connection.ts';
import { detailsOf, failureOf, maxReason, refusedRecipients } from './smtp-failure.ts';

/** In milliseconds. */
type Limits = {
  /** For the connection, the greeting, and each silence after that. */
  readonly silenceMs: number;
  /** For everything: a server that says a word now and then must not keep a mail for ever. */
  readonly deliveryMs: number;
  /** What a mail under way gets once the caller wants to stop. */
  readonly stopMs: number;
};

const defaults: Limits = { silenceMs: 60_000, deliveryMs: 600_000, stopMs: 4_000 };
/** What a server gets to end the connection after it has taken the mail. */
const farewellMs = 1_000;

export type SmtpDelivery = {
  /**
   * Hands one message to the server over a connection of its own: pooled connections lose mail once they went stale.
   * An interrupted hand-over counts as temporary although the server may have the message, so send with a fixed
   * Message-ID. Never rejects.
   */
  deliver(message: OutgoingMessage & { readonly signal?: AbortSignal }): Promise<DeliveryResult>;
};

export function createSmtpDelivery(options: {
  readonly account: SmtpAccount;
  readonly limits?: Partial<Limits>;
  readonly log: Logger;
}): SmtpDelivery {
  const { account, log } = options;
  const limits = { ...defaults, ...options.limits };

  const handOver = async ({ envelope, raw }: OutgoingMessage, signal: AbortSignal): Promise<DeliveryResult> => {
    const settings = await accountOptions(account);
    const socket = await connectSmtp(account, { signal, timeoutMs: limits.silenceMs });
    const transport = createTransport({
      ...settings,
      // Our own, so that it can be cut at any time and is gone for certain afterwards: nodemailer only ever half-closes.
      getSocket: (_options: unknown, done: (error: null, socket: { connection: Socket }) => void) =>
        done(null, { connection: socket }),
      connectionTimeout: limits.silenceMs,
      greetingTimeout: limits.silenceMs,
      socketTimeout: limits.silenceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      logger: false,
    });
    try {
      // With its size (RFC 1870), so that a server for which it is too large says so before it is sent.
      const declared = { from: envelope.from, to: [...envelope.to], size: raw.length };
      const sent = await transport.sendMail({ envelope: declared, raw });
      endSoon(socket);
      const refused = refusedRecipients(sent.rejectedErrors ?? []);
      return { delivered: true, response: cleanLine(sent.response, maxReason), refused };
    } catch (error) {
      socket.destroy();
      throw signal.aborted ? signal.reason : error;
    }
  };

  return {
    async deliver({ signal: stopping, ...message }) {
      const limit = new AbortController();
      const end = (ms: number, why: string) => setTimeout(() => limit.abort(new Error(why)), ms);
      const tooLong = end(limits.deliveryMs, `The hand-over was not over within ${limits.deliveryMs / 1000} seconds.`);
      let tooLate: NodeJS.Timeout | undefined;
      const hurry = () => {
        tooLate = end(limits.stopMs, 'The hand-over was broken off because the desk is stopping.');
      };
      if (stopping?.aborted) hurry();
      stopping?.addEventListener('abort', hurry, { once: true });
      try {
        return await handOver(message, limit.signal);
      } catch (error) {
        const result = failureOf(error, account);
        // Not the error itself, which holds the addresses: what the server said is on record with the mail.
        const { code, command, responseCode } = detailsOf(error);
        log.warn({ code, command, responseCode, kind: result.kind }, 'mail not delivered');
        return result;
      } finally {
        clearTimeout(tooLong);
        clearTimeout(tooLate);
        stopping?.removeEventListener('abort', hurry);
      }
    },
  };
}

/** The mail is theirs: what is left is manners. */
function endSoon(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), farewellMs);
  socket.once('close', () => clearTimeout(timer));
}
