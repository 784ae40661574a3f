import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { AppError } from '#packages/kernel/errors.ts';
import { problemMediaType, problemOf } from './problem.ts';

/** Answers what does not get as far as a request: broken HTTP, heads that are too large or too slow. Then hangs up. */
export const refuseBrokenHttp =
  (log: Logger) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    // Nobody is there to read an answer.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const traceId = randomBytes(16).toString('hex');
    // Not the error itself: Node hangs what was received on it, and tokens with that.
    log.info({ code: error.code, reason: error.message, traceId }, 'not a request');
    const detail = 'This is not HTTP, its head is too large, or it took too long to arrive.';
    const body = JSON.stringify(problemOf(new AppError('INVALID_REQUEST', { detail }), traceId));
    socket.end(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
  };
