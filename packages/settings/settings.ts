import type { Logger } from 'pino';
import { evolveSettings, initialSettings, type SettingsLookup, settingsLookup } from '#packages/domain/settings.ts';
import type { EventStore, LogPage, Position } from '#packages/event-store/port.ts';
import { sleep } from '#packages/kernel/retry.ts';

const filter = { streamPrefixes: ['setting-'] } as const;

/**
 * Keeps all revisions of all settings in memory by following their streams: decisions need them at once, and there are
 * few. Resolves when everything saved so far is known.
 */
export async function followSettings({ store, log }: { store: EventStore; log: Logger }) {
  const stopping = new AbortController();
  let state = initialSettings();
  let lookup = settingsLookup(state);
  let seen: Position = 0n;

  const apply = (page: LogPage): void => {
    for (const event of page.events)
      if (event.type === 'SettingSaved' || event.type === 'SettingRemoved') state = evolveSettings(state, event);
    if (page.events.length > 0) lookup = settingsLookup(state);
    seen = page.scannedTo;
  };

  for (let atEnd = false; !atEnd; ) {
    const page = await store.readAll(seen, filter);
    apply(page);
    atEnd = page.atEnd;
  }

  const follow = async (): Promise<void> => {
    for await (const page of store.subscribe(seen, { ...filter, signal: stopping.signal })) apply(page);
  };
  const done = follow().catch((error: unknown) => log.fatal({ err: error }, 'settings are no longer followed'));

  return {
    current: (): SettingsLookup => lookup,
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
