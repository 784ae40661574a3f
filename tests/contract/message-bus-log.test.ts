import { createDeadLetters } from '#packages/message-bus/dead-letters.ts';
import { createLogBus } from '#packages/message-bus/log-follower.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';
import { describeMessageBus } from './message-bus.ts';

describeMessageBus('log follower', async () => {
  const { connection, pool, store } = await openDesk();
  const story = createStory();
  return {
    connect: () => createLogBus({ connection, pool, store, log }),
    append: async (stream, ...events) =>
      appendAll(
        store,
        events.map((event) => story.add(stream, event)),
      ),
    deadLetters: createDeadLetters({ pool }),
  };
});
