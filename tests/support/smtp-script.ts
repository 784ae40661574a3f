import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Where a server stops following the protocol. `final-dot`: it has the whole mail and has not said so. */
export const smtpPhases = ['connection', 'ehlo', 'mail', 'rcpt', 'data', 'final-dot'] as const;
export type SmtpPhase = (typeof smtpPhases)[number];

const phaseOf = (line: string): SmtpPhase | null => {
  const word = /^(EHLO|MAIL|RCPT|DATA)\b/i.exec(line)?.[1]?.toLowerCase();
  if (line === '.') return 'final-dot';
  return word === undefined ? null : (word as SmtpPhase);
};

/**
 * A server that says what a mail server says until a phase is reached, and then nothing, or ends the connection, or talks on
 * without ever coming to an end. It ends with the test.
 */
export async function startScriptedSmtp(phase: SmtpPhase, then: 'silence' | 'hang-up' | 'chatter') {
  const sockets = new Set<Socket>();
  let closed = 0;
  const stop = (socket: Socket) => {
    if (then === 'hang-up') socket.destroy();
    if (then !== 'chatter') return;
    const timer = setInterval(() => socket.write('250-and another thing\r\n'), 20);
    socket.once('close', () => clearInterval(timer));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      closed += 1;
    });
    if (phase === 'connection') return stop(socket);
    socket.write('220 scripted\r\n');
    let pending = '';
    let inData = false;
    socket.on('data', (chunk) => {
      pending += chunk.toString();
      for (let end = pending.indexOf('\r\n'); end !== -1; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (inData && line !== '.') continue;
        const reached = phaseOf(line);
        if (reached === phase) return stop(socket);
        inData = reached === 'data';
        socket.write(inData ? '354 go on\r\n' : '250 fine\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, opened: () => sockets.size, closed: () => closed };
}
