import { Readable } from 'node:stream';
import { AppError } from '#packages/kernel/errors.ts';

export type MessageLimits = {
  readonly maxBytes: number;
  /** How long a peer may take over one message, in milliseconds. */
  readonly timeoutMs: number;
  /** Once it has taken so long, it must have come in at this rate at least. */
  readonly slow: { readonly afterMs: number; readonly bytesPerSecond: number };
};

const lookMs = 1_000;

/** A refused message is read on to its end, so that the peer hears why; but no further than this many times the limit. */
const drainFactor = 4;

/**
 * Hands the content of a message to `consume` and bounds its size and time.
 * @param stream the message as smtp-server gives it; it ends only when the peer sent the final dot
 * @throws AppError PAYLOAD_TOO_LARGE, TIMEOUT, or what `consume` throws; the stream is at its end then, or destroyed
 */
export async function receiveMessage(
  stream: Readable,
  { maxBytes, slow, timeoutMs }: MessageLimits,
  consume: (content: Readable) => Promise<void>,
): Promise<void> {
  const giveUp = () => void stream.destroy(new AppError('TIMEOUT'));
  const since = performance.now();
  let received = 0;
  const timer = setTimeout(giveUp, timeoutMs);
  const pace = setInterval(
    () => {
      const ms = performance.now() - since;
      if (ms >= slow.afterMs && received * 1_000 < slow.bytesPerSecond * ms) giveUp();
    },
    Math.min(lookMs, slow.afterMs),
  );
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      received += chunk.length;
      if (received > maxBytes) throw new AppError('PAYLOAD_TOO_LARGE');
      yield chunk;
    }
  }
  try {
    await consume(Readable.from(counted(), { objectMode: false }));
    if (!stream.readableEnded)
      throw new AppError('INTERNAL', { cause: new Error('the message was not read to its end') });
  } catch (error) {
    await drain(stream, maxBytes * drainFactor - received);
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(pace);
  }
}

/** Reads and forgets what is left, up to `budget` bytes; beyond that the stream is destroyed. */
async function drain(stream: Readable, budget: number): Promise<void> {
  if (stream.destroyed || stream.readableEnded) return;
  let left = budget;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      left -= chunk.length;
      if (left < 0) break;
    }
  } catch {
    // The peer went away or ran out of time while it was being refused: nobody is left to tell.
  }
  if (!stream.readableEnded) stream.destroy();
}
