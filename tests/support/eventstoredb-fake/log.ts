/** What a real EventStoreDB 23.10 keeps and decides, without the transport. */

export type Proposed = {
  readonly id: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};
export type FakeRecord = Proposed & { readonly stream: string; readonly revision: bigint; readonly position: bigint };
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint;
export type Current = 'no_stream' | bigint;

export class Conflict extends Error {
  readonly current: Current;
  constructor(current: Current) {
    super('wrong expected version');
    this.current = current;
  }
}
export class Deleted extends Error {}
export class TooLarge extends Error {}

export const maxAppendBytes = 1_048_576;

type Stream = { readonly records: FakeRecord[]; state: 'alive' | 'deleted' | 'tombstoned'; firstReadable: number };

export function createFakeLog() {
  const all: FakeRecord[] = [];
  const streams = new Map<string, Stream>();
  const listeners = new Set<() => void>();
  let end = 0n;

  const streamOf = (name: string): Stream => {
    const stream = streams.get(name) ?? { records: [], state: 'alive' as const, firstReadable: 0 };
    streams.set(name, stream);
    return stream;
  };

  const write = (name: string, events: readonly Proposed[]): FakeRecord | undefined => {
    const stream = streamOf(name);
    for (const event of events) {
      // A11b "append": commit and prepare position of an event are the same, its own, and grow with the bytes before it.
      const record = { ...event, stream: name, revision: BigInt(stream.records.length), position: end };
      end += BigInt(100 + event.data.length + event.metadata.length);
      stream.records.push(record);
      all.push(record);
    }
    for (const listener of listeners) listener();
    return stream.records.at(-1);
  };

  /** A11b "same ids": found at the place where the expectation puts them, whatever came after. */
  const idempotent = (stream: Stream, start: number, events: readonly Proposed[]): FakeRecord | undefined =>
    start >= 0 && events.every(({ id }, index) => stream.records[start + index]?.id === id)
      ? stream.records[start + events.length - 1]
      : undefined;

  const append = (name: string, expected: Expected, events: readonly Proposed[]) => {
    const bytes = events.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
    if (bytes > maxAppendBytes) throw new TooLarge();
    const stream = streamOf(name);
    if (stream.state === 'tombstoned') throw new Deleted();
    const last = BigInt(stream.records.length) - 1n;
    const current: Current = last < 0n ? 'no_stream' : last;
    const done = (record: FakeRecord | undefined) => ({
      revision: record?.revision ?? 0n,
      position: record?.position ?? 0n,
    });
    if (expected === 'stream_exists') {
      if (stream.state === 'deleted') throw new Deleted();
      if (last < 0n) throw new Conflict(current);
    } else if (expected === 'any') {
      const start = stream.records.findIndex(({ id }) => id === events[0]?.id);
      if (start >= 0) {
        const record = idempotent(stream, start, events);
        if (!record) throw new Conflict(current);
        return done(record);
      }
    } else {
      const revision = expected === 'no_stream' ? -1n : expected;
      const revives = stream.state === 'deleted' && expected === 'no_stream';
      if (revision !== last && !revives) {
        const record = revision < last ? idempotent(stream, Number(revision) + 1, events) : undefined;
        if (!record) throw new Conflict(current);
        return done(record);
      }
    }
    stream.state = 'alive';
    return done(events.length === 0 ? stream.records.at(-1) : write(name, events));
  };

  const system = (stream: string, type: string): void => {
    const attributes = new Map([
      ['type', type],
      ['content-type', 'application/json'],
    ]);
    write(stream, [{ id: crypto.randomUUID(), attributes, data: Buffer.from('{}'), metadata: new Uint8Array() }]);
  };

  const wipe = (): void => {
    all.length = 0;
    end = 0n;
    streams.clear();
    // What a server writes into its log when it starts for the first time.
    system('$users', '$User');
  };
  wipe();

  return {
    append,
    system,
    wipe,
    all: () => all,
    /** Readable events; null: the server says not found. Throws Deleted for a tombstone. */
    stream(name: string): readonly FakeRecord[] | null {
      const stream = streams.get(name);
      if (stream?.state === 'tombstoned') throw new Deleted();
      if (!stream || stream.state === 'deleted' || stream.records.length === 0) return null;
      return stream.records.slice(stream.firstReadable);
    },
    /** A11b "deleted streams": a soft deletion is a mark in the metadata of the stream; revisions go on. */
    remove(name: string, state: 'deleted' | 'tombstoned'): void {
      const stream = streamOf(name);
      stream.state = state;
      stream.firstReadable = stream.records.length;
      system(`$$${name}`, '$metadata');
    },
    /** A11b "readAll": a position must be that of an event; behind the newest event any is the end. */
    isPlace: (position: bigint): boolean =>
      position > (all.at(-1)?.position ?? 0n) ||
      all.findLast((record) => record.position <= position)?.position === position,
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type FakeLog = ReturnType<typeof createFakeLog>;
