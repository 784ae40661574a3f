import { type CheckResult, Liveness, Readiness } from '#contracts/api/health.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { withTimeout } from '#packages/kernel/retry.ts';
import type { HttpServer } from './instance.ts';

/** One thing that must work before the process may take traffic. Rejects when it does not; may resolve to a line about it. */
export type Check = { readonly name: string; readonly run: () => Promise<string | undefined> };

const checkTimeoutMs = 2_000;

/** Runs all checks at once, each within its time. Errors are told in the words of AppError only: /readyz is public. */
export async function runChecks(checks: readonly Check[]): Promise<Readiness> {
  const results = await Promise.all(
    checks.map(async ({ name, run }): Promise<CheckResult> => {
      const start = performance.now();
      const result = (ok: boolean, detail: string) => ({ name, ok, detail, ms: Math.round(performance.now() - start) });
      try {
        return result(true, (await withTimeout(run(), checkTimeoutMs, () => new Error('timeout'))) ?? 'ok');
      } catch (error) {
        return result(false, isAppError(error) ? error.message : 'not available');
      }
    }),
  );
  return { ready: results.every(({ ok }) => ok), checks: results };
}

/** `checks` may grow later. GET /healthz: the process lives. GET /readyz: it can work; 503 while a check fails and once the server is closing. */
export function registerHealth(app: HttpServer, checks: readonly Check[]): void {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Liveness',
        description: 'The process answers.',
        tags: ['operation'],
        response: { 200: Liveness },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Readiness',
        description: 'Whether everything that requests need can be reached, with a line per part.',
        tags: ['operation'],
        response: { 200: Readiness, 503: { ...Readiness, description: 'Not ready' } },
      },
    },
    async (_request, reply) => {
      const { ready, checks: results } = await runChecks(checks);
      const open = ready && !app.closing.aborted;
      return reply.code(open ? 200 : 503).send({ ready: open, checks: results });
    },
  );
}
