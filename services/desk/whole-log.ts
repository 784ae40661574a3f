import { rawCodec } from '#packages/event-store/codec.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { connectEventLog, type LogAddress } from '#packages/runtime/event-log.ts';

/** The log from a position to its present end, page by page, as it is stored: not lifted to newer shapes. */
export async function* wholeLog(
  address: LogAddress,
  { after = 0n, log, signal }: { after?: bigint; log: Logger; signal: AbortSignal },
): AsyncGenerator<readonly StoredEvent[]> {
  const store = connectEventLog(address, { log, codec: rawCodec });
  try {
    for (let position = after, atEnd = false; !atEnd && !signal.aborted; ) {
      const page = await store.readAll(position, { limit: 1_000 });
      yield page.events;
      position = page.scannedTo;
      atEnd = page.atEnd;
    }
  } finally {
    await store.close();
  }
}
