import { parentPort } from 'node:worker_threads';
import { readMail } from './read-mail.ts';
import type { WorkerAnswer } from './worker-slot.ts';

/** Entry of the thread that `worker-slot.ts` starts: one raw message in, one answer out, one at a time. */
const port = parentPort;
if (!port) throw new Error('parse-worker.ts runs as a worker thread only');

const answer = (message: WorkerAnswer) => port.postMessage(message);

port.on('message', (raw: Uint8Array) => {
  readMail(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)).then(
    (mail) => answer({ kind: 'mail', mail }),
    (error: unknown) => answer({ kind: 'failed', reason: String(error) }),
  );
});
answer({ kind: 'ready' });
