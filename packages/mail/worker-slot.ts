import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { AppError } from '#packages/kernel/errors.ts';
import type { ParsedMail, ParseOutcome } from './parsed-mail.ts';

export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'mail'; readonly mail: ParsedMail }
  | { readonly kind: 'failed'; readonly reason: string };

type SlotOptions = { readonly timeoutMs: number; readonly heapMb: number; readonly log: Logger };

/** Loading the modules takes well under a second; a thread that is not ready by then is broken, not its mail. */
const startTimeoutMs = 30_000;

/** One thread that reads one mail at a time and is replaced after a mail that it could not cope with. */
export type WorkerSlot = {
  /** @throws AppError INTERNAL when no thread can be started */
  run(raw: Buffer): Promise<ParseOutcome>;
  close(): Promise<void>;
};

export function createWorkerSlot({ timeoutMs, heapMb, log }: SlotOptions): WorkerSlot {
  let worker: Worker | null = null;
  let outOfMemory = false;
  let closed = false;

  function start(): Worker {
    return new Worker(new URL('./parse-worker.ts', import.meta.url), {
      name: 'mail-parser',
      // The flags of the process may not suit a thread, and a test runner's loader must not get in.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
  }

  async function discard(): Promise<void> {
    const old = worker;
    worker = null;
    await old?.terminate();
  }

  async function ready(): Promise<Worker> {
    if (worker) return worker;
    worker = start();
    outOfMemory = false;
    // Between two mails nobody waits for the thread; without a listener its failure would end the process.
    worker.on('error', (error) => {
      outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      log.warn({ err: error }, 'mail parser thread failed');
    });
    const answer = await nextAnswer(worker, startTimeoutMs);
    if (answer.kind === 'ready') return worker;
    await discard();
    throw new AppError('INTERNAL', { cause: new Error(`mail parser thread did not start: ${answer.kind}`) });
  }

  async function run(raw: Buffer): Promise<ParseOutcome> {
    const thread = await ready();
    // A copy of its own: a small Buffer shares its memory with others, which cannot be handed over.
    const copy = new Uint8Array(raw);
    const answered = nextAnswer(thread, timeoutMs);
    thread.postMessage(copy, [copy.buffer]);
    const answer = await answered;
    switch (answer.kind) {
      case 'mail':
        return { parsed: true, mail: withBuffers(answer.mail) };
      case 'failed':
        return { parsed: false, reason: `The message cannot be read: ${answer.reason}` };
      case 'timeout':
      case 'ended':
      case 'ready':
        await discard();
        if (closed) throw new AppError('INTERNAL', { cause: new Error('the mail parser was closed meanwhile') });
        log.warn({ outcome: answer.kind, size: raw.length }, 'mail parser thread replaced');
        return { parsed: false, reason: describe(answer.kind) };
    }
  }

  const describe = (kind: 'timeout' | 'ended' | 'ready'): string => {
    if (kind === 'timeout') return `The message could not be read within ${timeoutMs / 1000} seconds`;
    return outOfMemory ? 'Reading the message takes more memory than is allowed' : 'Reading the message failed';
  };

  return {
    run,
    close: () => {
      closed = true;
      return discard();
    },
  };
}

/** The thread's next message, or how it came that there was none. */
function nextAnswer(worker: Worker, timeoutMs: number): Promise<WorkerAnswer | { kind: 'timeout' | 'ended' }> {
  return new Promise((resolve) => {
    const settle = (answer: WorkerAnswer | { kind: 'timeout' | 'ended' }) => {
      clearTimeout(timer);
      worker.off('message', settle);
      worker.off('exit', ended);
      resolve(answer);
    };
    const ended = () => settle({ kind: 'ended' });
    const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs);
    worker.once('message', settle);
    worker.once('exit', ended);
  });
}

/** Buffers arrive as plain byte arrays from another thread. */
const withBuffers = (mail: ParsedMail): ParsedMail => ({
  ...mail,
  attachments: mail.attachments.map((file) => ({
    ...file,
    content: Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength),
  })),
});
