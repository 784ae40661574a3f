import { isAppError } from '#packages/kernel/errors.ts';
import { type CommandSpec, exitCode, UsageError } from '../cli.ts';
import { withPlatform } from '../offline.ts';

const consumerName = /^[a-z][a-z0-9-]*$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const wholeNumber = /^[1-9]\d{0,5}$/;

export const deadLetters: CommandSpec = {
  usage: 'dead-letters list | replay <consumer> <event>',
  summary: 'show events that a service gave up on, or have it try one again',
  about:
    'list prints one JSON document a line, newest first. replay takes the consumer and eventId of such a line: the running\nservice tries the event again, and the letter goes when that succeeds. Works alike with and without NATS.',
  options: {
    consumer: { type: 'string', description: 'list only those of this consumer' },
    limit: { type: 'string', description: 'list at most so many; by default 100' },
  },
  logLevel: 'warn',
  async run(invocation) {
    const { options, positionals, stdout } = invocation;
    const [action, consumer, eventId, ...rest] = positionals;
    const only = options['consumer'] ?? consumer;
    if (only !== undefined && !consumerName.test(String(only)))
      throw new UsageError(`${only} is not the name of a consumer`);
    if (action === 'list' && consumer === undefined) {
      const limit = String(options['limit'] ?? 100);
      if (!wholeNumber.test(limit)) throw new UsageError(`--limit ${limit} is not a whole number from 1 to 999999`);
      const letters = await withPlatform(invocation, (platform) =>
        platform.deadLetters.list({ ...(only !== undefined && { consumer: String(only) }), limit: Number(limit) }),
      );
      for (const letter of letters)
        stdout.write(`${JSON.stringify({ ...letter, position: String(letter.position) })}\n`);
      return exitCode.done;
    }
    if (action === 'replay' && consumer !== undefined && eventId !== undefined && rest.length === 0) {
      if (!uuid.test(eventId)) throw new UsageError(`${eventId} is not the id of an event`);
      await withPlatform(invocation, ({ deadLetters: letters }) => letters.replay(consumer, eventId)).catch((error) => {
        throw isAppError(error, 'NOT_FOUND') ? new UsageError(error.message) : error;
      });
      stdout.write(`${consumer} will try ${eventId} again\n`);
      return exitCode.done;
    }
    throw new UsageError('dead-letters needs list, or replay with a consumer and an event id');
  },
};
