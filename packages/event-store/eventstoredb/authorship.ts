import type { Position } from '../port.ts';
import type { LogReader } from './reads.ts';
import { appendIdOf, positionOf } from './recorded.ts';

type Question = {
  readonly position: Position;
  readonly appendId: string;
  readonly answer: (own: boolean) => void;
  readonly fail: (error: unknown) => void;
};

/** Events of others that may lie between so many asked ones before it takes another read; each one read costs time. */
const slackFor = (questions: number): number => 2 + Math.ceil(questions / 8);

/**
 * Tells whether the event at a position was written by this append. The server answers an append whose events it has
 * already like one that it just wrote, so that of two processes that run one command at once both would think it theirs.
 * Questions that come while a read is under way are answered together by the next one: appends cost no read each.
 */
export function createAuthorship(reader: LogReader) {
  let waiting: Question[] = [];
  let running = false;

  const answer = async (questions: readonly Question[]): Promise<void> => {
    let open = questions.toSorted((a, b) => (a.position < b.position ? -1 : 1));
    for (let [first] = open; first; [first] = open) {
      const found = await reader.scan(first.position, open.length + slackFor(open.length));
      const appendIds = new Map(found.map((event) => [positionOf(event), appendIdOf(event)]));
      const reached = found.at(-1) ? positionOf(found.at(-1) as (typeof found)[number]) : first.position;
      for (const { position, appendId, answer } of open)
        if (position <= reached) answer(appendIds.get(position) === appendId);
      const rest = open.filter(({ position }) => position > reached);
      // What is not there was wiped: nobody's.
      if (rest.length === open.length) for (const { answer } of rest.splice(0, 1)) answer(false);
      open = rest;
    }
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const questions = waiting;
      waiting = [];
      await answer(questions).catch((error) => {
        for (const { fail } of questions) fail(error);
      });
    }
    running = false;
  };

  return (position: Position, appendId: string): Promise<boolean> => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    waiting.push({ position, appendId, answer: resolve, fail: reject });
    if (!running) {
      running = true;
      void run();
    }
    return promise;
  };
}

export type Authorship = ReturnType<typeof createAuthorship>;
