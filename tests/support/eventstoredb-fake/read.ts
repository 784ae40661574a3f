/** Reads and subscriptions: one call of the protocol. */

import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { FakeLog, FakeRecord } from './log.ts';
import { checkpointMessage, errorOf, eventMessage, filterOf, identifierOf, nameOf, serviceError } from './messages.ts';

type Call = ServerWritableStream<ReadReq, ReadResp>;

/** What a test may do to subscriptions. */
export type SubscriptionFaults = {
  /** Servers before 23.10 do not send it. */
  sendsCaughtUp: boolean;
  /** Confirms and then keeps silent. */
  silent: boolean;
};

export function serveRead(log: FakeLog, faults: SubscriptionFaults) {
  return async (call: Call): Promise<void> => {
    const options = call.request.getOptions();
    if (!options) return;
    call.on('error', () => undefined); // The client went away.
    const stream = nameOf(options.getStream()?.getStreamIdentifier());
    try {
      if (options.hasSubscription()) return await subscribe(log, faults, call, options);
      // A11b "read": a count of 0 is an error without a name.
      if (options.getCount() === '0') throw new Error('count');
      const found = options.hasStream() ? streamPart(log, stream, options) : allPart(log, options);
      if (!found) {
        const notFound = new streams.ReadResp.StreamNotFound();
        notFound.setStreamIdentifier(identifierOf(stream));
        const response = new streams.ReadResp();
        response.setStreamNotFound(notFound);
        call.write(response);
      }
      const count = Math.min(Number(options.getCount()), found?.length ?? 0);
      for (const record of found?.slice(0, count) ?? []) if (!call.write(eventMessage(record))) await drained(call);
      call.end();
    } catch (error) {
      call.emit('error', errorOf(error, stream));
    }
  };
}

/** Until the client took what was written, or went away. */
async function drained(call: Call): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ['drain', 'cancelled', 'close'] as const;
  for (const event of events) call.on(event, resolve);
  await promise;
  for (const event of events) call.off(event, resolve);
}

/** A11b "read": forwards past the end nothing; backwards from the start only event 0. */
function streamPart(log: FakeLog, name: string, options: ReadReq.Options): FakeRecord[] | null {
  const from = options.getStream();
  const records = log.stream(name);
  if (!records || !from) return null;
  const backwards = options.getReadDirection() === 1;
  const revision = from.hasRevision() ? BigInt(from.getRevision()) : null;
  const at = revision ?? (from.hasEnd() ? (records.at(-1)?.revision ?? 0n) + (backwards ? 0n : 1n) : 0n);
  return backwards
    ? records.filter((record) => record.revision <= at).toReversed()
    : records.filter((record) => record.revision >= at);
}

/** A11b "readAll": forwards the position itself is part of it. Backwards it is not. */
function allPart(log: FakeLog, options: ReadReq.Options): FakeRecord[] {
  const backwards = options.getReadDirection() === 1;
  const from = options.getAll();
  if (from?.hasStart()) return backwards ? [] : log.all().slice();
  if (from?.hasEnd()) return backwards ? log.all().toReversed() : [];
  const position = BigInt(from?.getPosition()?.getCommitPosition() ?? 0);
  if (!log.isPlace(position)) throw new Error('invalid position');
  return backwards
    ? log
        .all()
        .filter((record) => record.position < position)
        .toReversed()
    : after(log, position - 1n);
}

/**
 * A11b "subscribeToAll": confirmation, events after the position, caught up, and then what comes. A position beyond the
 * end of a log that was wiped is none that the server knows, and it silently sends nothing. A checkpoint after
 * `maxSearchWindow x checkpointInterval` scanned events.
 */
async function subscribe(
  log: FakeLog,
  faults: SubscriptionFaults,
  call: Call,
  options: ReadReq.Options,
): Promise<void> {
  const from = options.getAll();
  const place = from?.getPosition();
  let position = place ? BigInt(place.getCommitPosition()) : from?.hasEnd() ? (log.all().at(-1)?.position ?? -1n) : -1n;
  const filter = filterOf(options);
  const interval =
    (options.getFilter()?.getMax() || 32) * (options.getFilter()?.getCheckpointintervalmultiplier() || 1);
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(crypto.randomUUID());
  const confirmed = new streams.ReadResp();
  confirmed.setConfirmation(confirmation);
  call.write(confirmed);
  if (faults.silent) return;

  let news = Promise.withResolvers<void>();
  const unlisten = log.listen(() => news.resolve());
  call.on('cancelled', () => news.resolve());
  call.on('close', () => news.resolve());
  let scanned = 0;
  for (let caughtUp = false; !call.cancelled && !call.destroyed; ) {
    news = Promise.withResolvers();
    for (const record of after(log, position)) {
      if (call.cancelled || call.destroyed) break;
      position = record.position;
      scanned += 1;
      if ((filter?.(record) ?? true) && !call.write(eventMessage(record))) await drained(call);
      if (filter && scanned % interval === 0) call.write(checkpointMessage(position));
    }
    if (!caughtUp && faults.sendsCaughtUp) {
      const response = new streams.ReadResp();
      response.setCaughtUp(new streams.ReadResp.CaughtUp());
      call.write(response);
    }
    caughtUp = true;
    if (after(log, position).length === 0) await news.promise;
  }
  unlisten();
}

function after(log: FakeLog, position: bigint): FakeRecord[] {
  const records = log.all();
  const first = records.findLastIndex((record) => record.position <= position) + 1;
  return records.slice(first);
}

/** A11b "server killed / stopped while subscribed": the errors of a stopped server and of a leader that is none any more. */
export const drops = {
  stopped: serviceError(status.INTERNAL, 'Received RST_STREAM'),
  unavailable: serviceError(status.UNAVAILABLE, 'Connection dropped'),
} as const;
