import type { Logger } from 'pino';
import { evolveSettings, initialSettings, type SettingsLookup, settingsLookup } from '#packages/domain/settings.ts';
import type { EventStore, LogPage, Position } from '#packages/event-store/port.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';

const filter = { streamPrefixes: ['setting-'] } as const;
const backoff = { minMs: 250, maxMs: 10_000 };

/**
 * Keeps all revisions of all settings in memory by following their streams: decisions need them at once, and there are
 * few. Resolves when everything saved so far is known. What cannot be followed is tried again for ever: meanwhile
 * `failure` tells why the settings are no longer those of the log.
 */
export async function followSettings({ store, log }: { store: EventStore; log: Logger }) {
  const stopping = new AbortController();
  let state = initialSettings();
  let lookup = settingsLookup(state);
  let seen: Position = 0n;

  const apply = (page: LogPage): void => {
    let next = state;
    for (const event of page.events)
      if (event.type === 'SettingSaved' || event.type === 'SettingRemoved') next = evolveSettings(next, event);
    state = next;
    if (page.events.length > 0) lookup = settingsLookup(state);
    seen = page.scannedTo;
  };

  const catchUp = async (): Promise<void> => {
    for (let atEnd = false; !atEnd; ) {
      const page = await store.readAll(seen, filter);
      apply(page);
      atEnd = page.atEnd;
    }
  };
  await catchUp();

  let failure: string | null = null;
  const failed = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    if (failure !== message) log.error({ err: error, seen }, 'settings cannot be followed; trying again');
    failure = message;
  };

  const follow = async (): Promise<void> => {
    // A subscription says nothing while there is nothing new: only reading on to the end shows that all is well again.
    if (failure !== null) {
      await catchUp();
      log.info({ seen }, 'settings are followed again');
      failure = null;
    }
    for await (const page of store.subscribe(seen, { ...filter, signal: stopping.signal })) apply(page);
    if (!stopping.signal.aborted) throw new Error('the subscription ended');
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      const since = performance.now();
      await follow().catch(failed);
      if (performance.now() - since > backoff.maxMs) failures = 0;
      await sleep(backoffMs(failures, backoff), stopping.signal);
    }
  };
  const done = run();

  return {
    current: (): SettingsLookup => lookup,
    /** Why settings saved from now on are not seen; null while all is well. */
    failure: () => failure,
    /** Resolves to true when everything up to the position is known, to false at the limit, or when stopped before. */
    async reached(position: Position, timeoutMs: number): Promise<boolean> {
      const deadline = Date.now() + timeoutMs;
      while (seen < position && Date.now() < deadline && !stopping.signal.aborted) await sleep(20, stopping.signal);
      return seen >= position;
    },
    async stop(): Promise<void> {
      stopping.abort();
      await done;
    },
  };
}

export type Settings = Awaited<ReturnType<typeof followSettings>>;
