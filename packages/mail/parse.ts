import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { AppError } from '#packages/kernel/errors.ts';
import type { ParseOutcome } from './parsed-mail.ts';
import { createWorkerSlot, type WorkerSlot } from './worker-slot.ts';

type Options = {
  readonly log: Logger;
  /** Threads, each reading one mail at a time. */
  readonly workers?: number;
  /** Wall-clock limit of one mail. */
  readonly timeoutMs?: number;
  /** Limit of a thread's heap; the bytes of the mail itself are not part of it. */
  readonly heapMb?: number;
  readonly maxBytes?: number;
};

export type MailParser = {
  /**
   * Reads a raw message (RFC 5322, MIME) in a thread of its own, so that no mail can hold up or take down the process.
   * Whatever is wrong with the content is an outcome, never an error: keep the raw message and set it aside.
   * @throws the error of a stream that fails; AppError INTERNAL when the parser is closed or cannot start a thread
   */
  parse(raw: Buffer | Readable): Promise<ParseOutcome>;
  close(): Promise<void>;
};

export function createMailParser(options: Options): MailParser {
  const { log, workers = 1, timeoutMs = 10_000, heapMb = 256, maxBytes = 64 * 1024 * 1024 } = options;
  const slots = Array.from({ length: workers }, () => createWorkerSlot({ timeoutMs, heapMb, log }));
  const idle = [...slots];
  const waiting: ((slot: WorkerSlot | null) => void)[] = [];
  let closed = false;

  const acquire = async (): Promise<WorkerSlot> => {
    const slot = closed ? null : (idle.pop() ?? (await new Promise<WorkerSlot | null>((got) => waiting.push(got))));
    if (!slot) throw new AppError('INTERNAL', { cause: new Error('the mail parser is closed') });
    return slot;
  };
  const release = (slot: WorkerSlot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    else idle.push(slot);
  };

  return {
    async parse(raw) {
      const message = await collect(raw, maxBytes);
      if (!message) return { parsed: false, reason: `The message is larger than ${maxBytes} bytes` };
      const slot = await acquire();
      try {
        return await slot.run(message);
      } finally {
        release(slot);
      }
    },
    async close() {
      closed = true;
      for (const waiter of waiting.splice(0)) waiter(null);
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

async function collect(raw: Buffer | Readable, maxBytes: number): Promise<Buffer | null> {
  if (Buffer.isBuffer(raw)) return raw.length > maxBytes ? null : raw;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
