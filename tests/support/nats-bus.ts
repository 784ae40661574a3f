import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { startRelay } from '#services/relay/service.ts';
import { startNats } from './nats.ts';
import { placeSetter, vanisher } from './place.ts';
import { openDesk, log as silent } from './read-models.ts';
import { appendAll, createStory } from './story.ts';

/** A log, a nats-server and whoever wants to connect to them; all gone after the test. */
export async function openNatsDesk({ args = [], log = silent }: { args?: readonly string[]; log?: Logger } = {}) {
  const nats = await startNats(args);
  onTestFinished(() => nats.stop());
  const { connection, pool, store } = await openDesk();
  const story = createStory();

  /** What one process has of the bus. */
  const open = () => {
    const opened = openNats({ access: { url: nats.url }, connection, pool, store, log });
    onTestFinished(() => opened.close());
    return opened;
  };
  const relay = async () => {
    const running = await startRelay({ connection, pool, store, publisher: open().publisher, log });
    onTestFinished(() => running.stop());
    return running;
  };
  return {
    nats,
    connection,
    pool,
    store,
    open,
    relay,
    setPlace: placeSetter(pool),
    vanish: vanisher(pool),
    append: async (stream: string, ...events: readonly DeskEvent[]) =>
      appendAll(
        store,
        events.map((event) => story.add(stream, event)),
      ),
  };
}
