/** Jobs held at once, waiting or running: bounds the memory that their events take. */
const maxHeld = 256;
/** Positions remembered behind an unfinished one. */
const maxTracked = 10_000;

export type Job = {
  /** Jobs of one lane run one after another, in the order they came. */
  readonly lane: string;
  /** Place in the log, ascending from job to job; absent when progress does not depend on this job. */
  readonly position?: bigint;
  /** Resolves to false when it was broken off and is not done. Must not reject. */
  readonly run: () => Promise<boolean>;
};

type Tracked = { position: bigint; done: boolean };
type Entry = { readonly job: Job; readonly tracked: Tracked | undefined };

/**
 * Runs jobs side by side, those of one lane strictly in turn, and knows up to which position all of them are done.
 * A slow lane does not hold up the others until too much has piled up behind it.
 */
export function createLanes({ concurrency, start }: { concurrency: number; start: bigint }) {
  const lanes = new Map<string, Entry[]>();
  /** Lanes that have a job and run none. */
  const ready: string[] = [];
  const unfinished: Tracked[] = [];
  let reached = start;
  let held = 0;
  let running = 0;
  let closed = false;
  let change = Promise.withResolvers<void>();

  const tellChange = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };

  const advance = () => {
    const first = unfinished.findIndex(({ done }) => !done);
    const last = unfinished.splice(0, first === -1 ? unfinished.length : first).at(-1);
    if (last) reached = last.position;
  };

  const work = async (lane: string, queue: Entry[]): Promise<void> => {
    const entry = queue[0];
    if (!entry) return;
    running += 1;
    const done = await entry.job.run();
    running -= 1;
    held -= 1;
    queue.shift();
    if (entry.tracked) entry.tracked.done = done;
    advance();
    if (queue.length > 0) ready.push(lane);
    else lanes.delete(lane);
    dispatch();
    tellChange();
  };

  const dispatch = () => {
    while (!closed && running < concurrency) {
      const lane = ready.shift();
      const queue = lane === undefined ? undefined : lanes.get(lane);
      if (lane === undefined || !queue) return;
      void work(lane, queue);
    }
  };

  return {
    /** Takes a job; resolves once there is room for another one. */
    async push(job: Job): Promise<void> {
      const tracked = job.position === undefined ? undefined : { position: job.position, done: false };
      if (tracked) unfinished.push(tracked);
      const queue = lanes.get(job.lane);
      if (queue) queue.push({ job, tracked });
      else {
        lanes.set(job.lane, [{ job, tracked }]);
        ready.push(job.lane);
      }
      held += 1;
      dispatch();
      while (!closed && (held >= maxHeld || unfinished.length >= maxTracked)) await change.promise;
    },
    /** There are no further jobs up to this position. */
    scanned(position: bigint): void {
      const last = unfinished.at(-1);
      if (!last) reached = position;
      // However many there are behind an unfinished one, the last tells all.
      else if (last.done) last.position = position;
      else unfinished.push({ position, done: true });
    },
    /** Everything up to here is done. */
    reached: () => reached,
    /** Starts no further jobs; resolves when those that run have ended. */
    async close(): Promise<void> {
      closed = true;
      tellChange();
      while (running > 0) await change.promise;
    },
  };
}

export type Lanes = ReturnType<typeof createLanes>;
