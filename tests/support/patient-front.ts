import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { newId } from '#packages/kernel/ids.ts';

/** Where the parts of the desk are just now; of several addresses each is tried. */
export type Backends = {
  readonly command: () => readonly number[];
  readonly query: () => readonly number[];
  readonly smtp: () => readonly number[];
};

const pauseMs = 50;
const tryMs = 10_000;
const patienceMs = 60_000;
/** Headers that belong to one connection, and those that fetch writes itself. */
const ownHeaders = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'date']);

const pause = () => new Promise((done) => setTimeout(done, pauseMs));

/**
 * What stands before a desk of several processes, one of which may be dead: a proxy that sends reads to one API and
 * changes to the other and repeats, with an Idempotency-Key, what was not answered or answered with 503; and a mail server
 * that hands mail on until the desk has taken it.
 */
export async function startPatientFront(backends: Backends) {
  const inHand = { http: 0, smtp: 0 };

  const forward = async (request: IncomingMessage, body: Buffer): Promise<Response> => {
    const method = request.method ?? 'GET';
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (!ownHeaders.has(name)) headers.set(name, String(value));
    if (method !== 'GET' && !headers.has('idempotency-key')) headers.set('idempotency-key', newId());
    const ports = method === 'GET' ? backends.query : backends.command;
    const deadline = performance.now() + patienceMs;
    for (;;) {
      for (const port of ports()) {
        try {
          const response = await fetch(`http://127.0.0.1:${port}${request.url}`, {
            method,
            headers,
            signal: AbortSignal.timeout(tryMs),
            ...(method !== 'GET' && { body: new Uint8Array(body) }),
          });
          const text = await response.arrayBuffer();
          if (response.status !== 503) return new Response(text, response);
        } catch (error) {
          if (performance.now() > deadline) throw error;
        }
      }
      if (performance.now() > deadline) throw new Error(`no answer to ${method} ${request.url}`);
      await pause();
    }
  };

  const answer = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    inHand.http += 1;
    try {
      const response = await forward(request, await buffer(request));
      for (const [name, value] of response.headers) if (!ownHeaders.has(name)) reply.setHeader(name, value);
      reply.writeHead(response.status);
      reply.end(Buffer.from(await response.arrayBuffer()));
    } catch (error) {
      reply.writeHead(502);
      reply.end(String(error));
    } finally {
      inHand.http -= 1;
    }
  };
  const http = createServer((request, reply) => void answer(request, reply));

  const handOn = async (envelope: { from: string; to: string[] }, raw: Buffer): Promise<void> => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      for (const port of backends.smtp()) {
        const transport = createTransport({ host: '127.0.0.1', port, socketTimeout: tryMs });
        try {
          await transport.sendMail({ envelope, raw });
          return;
        } catch (error) {
          const refused = error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;
          if (refused || performance.now() > deadline) throw error;
        } finally {
          transport.close();
        }
      }
      await pause();
    }
  };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, { envelope }, done) {
      inHand.smtp += 1;
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      const to = envelope.rcptTo.map(({ address }) => address);
      buffer(stream)
        .then((raw) => handOn({ from, to }, raw))
        .then(() => done(), done)
        .finally(() => {
          inHand.smtp -= 1;
        });
    },
  });

  http.listen(0, '127.0.0.1');
  smtp.listen(0, '127.0.0.1');
  await Promise.all([once(http, 'listening'), once(smtp.server, 'listening')]);
  const portOf = (address: unknown) => (address as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${portOf(http.address())}`,
    smtpAddress: `127.0.0.1:${portOf(smtp.server.address())}`,
    /** What was asked for and is not answered yet. */
    inHand: () => ({ ...inHand }),
    async close(): Promise<void> {
      http.closeAllConnections();
      await Promise.all([
        new Promise((done) => http.close(done)),
        new Promise<void>((done) => smtp.close(() => done())),
      ]);
    },
  };
}
