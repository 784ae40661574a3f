import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

type Rewrite = (text: string) => string;
const same: Rewrite = (text) => text;

/**
 * Stands between a client and a server on loopback. Whole connections can fall silent, as behind a router that has
 * forgotten them, or be ended; `rewrite` changes what the server says, `rewriteUp` what it is told. It ends with the test.
 */
export async function startTcpProxy(target: number, rewrite: Rewrite = same, rewriteUp: Rewrite = same) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
    const pass = (to: Socket, change: Rewrite) => (chunk: Buffer) =>
      to.write(Buffer.from(change(chunk.toString('latin1')), 'latin1'));
    client.on('data', pass(upstream, rewriteUp));
    upstream.on('data', pass(client, rewrite));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onTestFinished(() => {
    hangUp();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    hangUp,
    /** No byte passes over the present connections any more, and nobody is told. */
    silence(): void {
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
  };
}
