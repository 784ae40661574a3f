import type { Socket } from 'node:net';
import type { Logger } from 'pino';

export type GuardLimits = {
  /** Connections that one address may have at once: well below all, so that no single peer can keep the others out. */
  readonly maxPerAddress: number;
  /** From the connection, or from the end of the message before, to the next DATA. */
  readonly transactionMs: number;
};

/** What a peer gets to end its side of a connection that we have ended, before it is cut. */
const lingerMs = 2_000;
const warnEveryMs = 60_000;

/**
 * Keeps count of connections and cuts those that only sit there. smtp-server by itself waits for any command and takes
 * one in time for activity; and it half-closes at most, so that a peer that never closes keeps its connection.
 * @param farewell line for whom is cut off; null when the connection may be encrypted, where it would be noise
 */
export function createSmtpGuard(options: { limits: GuardLimits; farewell: string | null; log: Logger }) {
  const { farewell, limits, log } = options;
  const timers = new Map<Socket, NodeJS.Timeout | null>();
  let warnedAt = Number.NEGATIVE_INFINITY;

  const cut = (socket: Socket): void => {
    if (farewell === null) return void socket.destroy();
    socket.end(farewell);
  };
  const halt = (socket: Socket): void => {
    clearTimeout(timers.get(socket) ?? undefined);
  };
  const find = (address: string, port: number): Socket | undefined =>
    [...timers.keys()].find((socket) => socket.remotePort === port && isFrom(socket, address));

  const guard = {
    /** Takes a new connection into account. */
    watch(socket: Socket): void {
      timers.set(socket, null);
      guard.begin(socket);
      socket.once('close', () => {
        halt(socket);
        timers.delete(socket);
      });
      socket.once('finish', () => {
        const linger = setTimeout(() => socket.destroy(), lingerMs);
        socket.once('close', () => clearTimeout(linger));
      });
    },
    /** True when the address has more connections than it may. */
    isCrowded(address: string): boolean {
      const count = [...timers.keys()].filter((socket) => isFrom(socket, address)).length;
      if (count <= limits.maxPerAddress) return false;
      if (performance.now() - warnedAt > warnEveryMs)
        log.warn({ address, connections: count }, 'too many connections from one address, some are refused');
      warnedAt = performance.now();
      return true;
    },
    find,
    /** A peer has so long from now until it comes to the point. */
    begin(socket: Socket | undefined): void {
      if (!socket || !timers.has(socket)) return;
      halt(socket);
      timers.set(
        socket,
        setTimeout(() => cut(socket), limits.transactionMs),
      );
    },
    /** The peer sends a message, which has a limit of its own. */
    suspend(socket: Socket | undefined): void {
      if (socket) halt(socket);
    },
    sockets: (): readonly Socket[] => [...timers.keys()],
  };
  return guard;
}

/** IPv4 over an IPv6 socket is `::ffff:192.0.2.1` to the socket and `192.0.2.1` to smtp-server. */
const isFrom = ({ remoteAddress = '' }: Socket, address: string): boolean =>
  remoteAddress === address || remoteAddress.replace(/^::ffff:/, '') === address;
