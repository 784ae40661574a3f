import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import type { DeliveryResult, OutgoingMessage } from './delivery.ts';
import { cleanLine } from './plain-text.ts';

type Options = {
  /** `smtp://user:password@host:port`, `smtps://…`; RFC 3986. */
  readonly url: string;
  /** For the connection, the greeting, and each silence after that. */
  readonly timeoutMs?: number;
  readonly log: Logger;
};

export type SmtpDelivery = {
  /**
   * Hands one message to the server over a connection of its own: pooled connections lose mail once they went stale.
   * An interrupted hand-over counts as temporary although the server may have the message, so send with a fixed
   * Message-ID. Never rejects.
   */
  deliver(message: OutgoingMessage): Promise<DeliveryResult>;
  close(): Promise<void>;
};

const maxReason = 500;
/** Errors of nodemailer about the message itself, before any server was asked. */
const ownRefusals: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);

export function createSmtpDelivery({ url, timeoutMs = 30_000, log }: Options): SmtpDelivery {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  const underWay = new Set<Promise<unknown>>();

  async function send({ envelope, raw }: OutgoingMessage): Promise<DeliveryResult> {
    try {
      const sent = await transport.sendMail({ envelope: { from: envelope.from, to: [...envelope.to] }, raw });
      const refused = [...(sent.rejected ?? [])];
      return { delivered: true, response: cleanLine(sent.response, maxReason), refused };
    } catch (error) {
      const result = classify(error);
      // Not the error itself, which holds the addresses: what the server said is on record with the mail.
      const { code, command, responseCode } = detailsOf(error);
      log.warn({ code, command, responseCode, kind: result.kind }, 'mail not delivered');
      return result;
    }
  }

  return {
    async deliver(message) {
      const sending = send(message);
      underWay.add(sending);
      try {
        return await sending;
      } finally {
        underWay.delete(sending);
      }
    },
    async close() {
      await Promise.all(underWay);
      transport.close();
    },
  };
}

type SmtpError = { code?: unknown; command?: unknown; responseCode?: unknown; response?: unknown };

const detailsOf = (error: unknown): SmtpError => (typeof error === 'object' && error !== null ? error : {});

/** Permanent is only what a server answered with 5yz (RFC 5321 4.2.1) to this message, or what is no message at all. */
function classify(error: unknown): Extract<DeliveryResult, { delivered: false }> {
  const { code, command, responseCode, response } = detailsOf(error);
  const said = typeof response === 'string' ? response : error instanceof Error ? error.message : String(error);
  // A refused login or greeting says nothing about the message: the operator can mend that.
  const aboutMessage = ['MAIL FROM', 'RCPT TO', 'DATA'].includes(String(command));
  const answered = typeof responseCode === 'number';
  const permanent = answered ? responseCode >= 500 && aboutMessage : ownRefusals.has(code);
  return { delivered: false, kind: permanent ? 'permanent' : 'temporary', reason: cleanLine(said, maxReason) };
}
