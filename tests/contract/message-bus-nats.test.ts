import { describe } from 'vitest';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';
import { describeMessageBus } from './message-bus.ts';

describe.skipIf(natsMissing())('with nats-server', () => {
  describeMessageBus('NATS JetStream, fed by the relay', async () => {
    const { append, open, relay, setPlace, vanish } = await openNatsDesk();
    await relay();
    const { deadLetters } = open();
    return { append, setPlace, vanish, connect: () => open().bus, deadLetters };
  });
});
