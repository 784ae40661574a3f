import type { HttpServer } from './instance.ts';

const sweepMs = 100;

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborts when the server begins to close: long polls and streams end themselves on it. */
    closing: AbortSignal;
  }
}

/**
 * Makes `app.close()` finish: `closing` aborts, running requests may end, idle connections are closed as they become
 * idle, and at the deadline the rest are cut. Fastify's own `forceCloseConnections: 'idle'` never takes effect and would
 * leave close waiting for keep-alive time-outs (fastify #7044).
 */
export function closeGracefully(app: HttpServer, deadlineMs: number): void {
  const closing = new AbortController();
  app.decorate('closing', closing.signal);

  app.addHook('preClose', async () => {
    closing.abort();
    const { server } = app;
    if (!server.listening) return;
    const deadline = performance.now() + deadlineMs;
    const sweep = setInterval(() => {
      if (performance.now() < deadline) server.closeIdleConnections();
      else server.closeAllConnections();
    }, sweepMs);
    server.once('close', () => clearInterval(sweep));
  });
}
