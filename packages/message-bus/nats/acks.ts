import { createInbox, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from 'nats';

/** How often the oldest message under way is looked at. */
const lookMs = 250;

/** The broker's answer to a message: where in the stream it is, or why not. */
type Answer = {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
};

/** A message that the broker has not stored, with its number for the reason (`err_code`) when it gave one. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError';
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

type UnderWay = { readonly since: number; readonly settle: PromiseWithResolvers<number> };

/**
 * Publishes to JetStream without waiting for each message: one subscription takes all answers and one timer watches over
 * them. The client's own publish() makes a request of each, with a timer, a race and a random name, which costs a relay more
 * than all the rest.
 */
export function createAcks(connection: NatsConnection, { timeoutMs }: { timeoutMs: number }) {
  const inbox = createInbox();
  /** By number, the oldest first. */
  const underWay = new Map<string, UnderWay>();
  let sent = 0;

  const answered = (_error: Error | null, message: Msg): void => {
    const key = message.subject.slice(inbox.length + 1);
    const entry = underWay.get(key);
    if (!entry) return;
    underWay.delete(key);
    try {
      entry.settle.resolve(sequenceIn(message));
    } catch (error) {
      entry.settle.reject(error);
    }
  };
  const subscription: Subscription = connection.subscribe(`${inbox}.*`, { callback: answered });

  const failAll = (error: Error): void => {
    const failed = [...underWay.values()];
    underWay.clear();
    for (const { settle } of failed) settle.reject(error);
  };
  const watching = setInterval(() => {
    const [oldest] = underWay.values();
    if (connection.isClosed()) failAll(new NotStoredError('the connection to NATS is closed'));
    else if (oldest && performance.now() - oldest.since > timeoutMs)
      // Those behind it follow it, so whoever sent them has to find out where the stream ends anyway.
      failAll(new NotStoredError(`NATS has not answered within ${timeoutMs} ms`));
  }, lookMs);

  return {
    /**
     * Sends a message. Resolves to its sequence in the stream once that is stored; rejects with NotStoredError, or
     * NatsError when it cannot even be sent.
     */
    async publish(subject: string, body: Uint8Array, headers: MsgHdrs): Promise<number> {
      sent += 1;
      const key = String(sent);
      connection.publish(subject, body, { reply: `${inbox}.${key}`, headers });
      const settle = Promise.withResolvers<number>();
      underWay.set(key, { since: performance.now(), settle });
      return settle.promise;
    },
    /** No further answers are taken. */
    end(): void {
      clearInterval(watching);
      if (!connection.isClosed()) subscription.unsubscribe();
      failAll(new NotStoredError('publishing has ended'));
    },
  };
}

function sequenceIn(message: Msg): number {
  // Without a stream that takes the subject nobody answers, and the server says so.
  if (message.headers?.code) throw new NotStoredError(`no stream takes it: ${message.headers.status}`);
  const { error, seq } = JSON.parse(message.string()) as Answer;
  if (error) throw new NotStoredError(error.description ?? 'NATS has not stored it', error.err_code);
  if (seq === undefined) throw new NotStoredError('NATS has answered without a sequence');
  return seq;
}
