import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#packages/kernel/errors.ts';

/** What reads need to know of the projector; `createProjectionWatch` fits. */
export type ReadProgress = {
  /** Position that each projection has reached, by name. */
  positions(): Promise<ReadonlyMap<string, bigint>>;
  /** True once all named projections are at or past the position, false when that took too long or cannot be. */
  waitFor(position: bigint, timeoutMs: number, names?: readonly string[]): Promise<boolean>;
};

const positionText = /^[0-9]{1,19}$/;
/** Positions are signed 64-bit integers in every log the desk knows. */
const greatestPosition = 2n ** 63n - 1n;

/** The position that text stands for. Throws INVALID_REQUEST naming `source`, the header or parameter it came by. */
export function readPosition(text: unknown, source: string): bigint {
  if (typeof text === 'string' && positionText.test(text) && BigInt(text) <= greatestPosition) return BigInt(text);
  throw new AppError('INVALID_REQUEST', {
    detail: `${source} is not a log position.`,
    fields: [{ pointer: source, detail: 'must be a position that the desk gave, e.g. in Desk-Position' }],
  });
}

/** The least of the positions of the named projections: all of them together reflect the log up to there. */
async function reached(progress: ReadProgress, names: readonly string[]): Promise<bigint> {
  const positions = await progress.positions();
  return names.map((name) => positions.get(name) ?? 0n).reduce((least, next) => (next < least ? next : least));
}

/**
 * Hook that lets callers read their own writes: it waits, bounded, until the projections that the route reads have got to
 * Desk-Min-Position. Every answer names the position that it reflects at least (Desk-Position); one that could not wait
 * long enough is given all the same and says so (`Desk-Stale: true`), since an older answer beats none.
 */
export function readYourWrites(progress: ReadProgress, names: readonly [string, ...string[]], maxWaitMs = 2_000) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const header = request.headers['desk-min-position'];
    const wanted = header === undefined ? 0n : readPosition(header, 'Desk-Min-Position');
    if (wanted > 0n) await progress.waitFor(wanted, maxWaitMs, names);
    const position = await reached(progress, names);
    reply.header('desk-position', String(position));
    if (position < wanted) reply.header('desk-stale', 'true');
  };
}
