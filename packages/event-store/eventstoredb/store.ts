import type { Logger } from 'pino';
import { AppError } from '#packages/kernel/errors.ts';
import { type Codec, codec as newest } from '../codec.ts';
import type { EventStore, LogPage } from '../port.ts';
import { createAppender } from './append.ts';
import { createAuthorship } from './authorship.ts';
import { connectionOf } from './connection.ts';
import { createReader } from './reads.ts';
import { follow } from './subscription.ts';

/**
 * The event log in EventStoreDB 22.10 or newer, which it must have for itself. Several processes may write to one
 * server or cluster. `close` waits for appends that were taken, ends subscriptions, and refuses what comes later with
 * `STORE_UNAVAILABLE`. Throws TypeError for a URL that is none.
 */
export function createEventStoreDbEventStore(options: {
  /** `esdb://user:password@host:2113?tls=…` or `esdb+discover://…`, as the client documents it. */
  url: string;
  log: Logger;
  codec?: Codec;
  /** How long one append may take with all retries, ms. */
  appendDeadlineMs?: number;
  /** After so long without an event a follower asks whether the server has only nothing to say, ms. */
  silenceMs?: number;
  /** After so long without an event a read is given up, ms. */
  readSilenceMs?: number;
}): EventStore {
  const { url, log, codec = newest, appendDeadlineMs = 10_000, silenceMs = 5_000, readSilenceMs } = options;
  const { client, credentials } = connectionOf(url);
  const reader = createReader(client, readSilenceMs);
  const isOwn = createAuthorship(reader);
  const appender = createAppender({ client, isOwn, credentials, deadlineMs: appendDeadlineMs, log });
  const closing = new AbortController();

  const decoded = (page: LogPage): LogPage => ({ ...page, events: page.events.map(codec.decode) });
  const open = () => {
    if (closing.signal.aborted) throw new AppError('STORE_UNAVAILABLE');
    return reader;
  };

  const close = async () => {
    closing.abort();
    await appender.close();
    await client.dispose();
  };
  let closed: Promise<void> | undefined;

  return {
    append: appender.append,
    head: async () => open().head(),
    readStream: async (stream, range) => (await open().readStream(stream, range)).map(codec.decode),
    readAll: async (after, filter) => decoded(await open().readAll(after, filter)),
    async *subscribe(after, filter) {
      const signal = AbortSignal.any([filter.signal, closing.signal]);
      for await (const page of follow({ client, reader, log, silenceMs }, after, { ...filter, signal }))
        yield decoded(page);
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
