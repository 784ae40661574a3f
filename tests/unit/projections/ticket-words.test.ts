import { expect, test } from 'vitest';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { ticketWords } from '#projections/ticket-words.ts';
import { createStory } from '#tests/support/story.ts';
import { agentId, agentSays, message } from '#tests/support/tickets.ts';

const commentId = idFrom('test', 'comment', 0);

/** What a ticket can be found by after these commands. */
function wordsAfter(...commands: TicketCommand[]) {
  const story = createStory();
  const id = story.ticket(undefined, { commentId, message: message({ text: 'My password is secret' }) });
  for (const command of commands) story.play(id, command);
  return foldAlone(ticketWords, story.log).ticket_words[0];
}

test('a ticket is found by its first message, whatever is said later', () => {
  expect(wordsAfter(agentSays())).toMatchObject({ subject: 'Printer', text: 'My password is secret', solved: false });
});

test('what was taken out of that message finds it no more', () => {
  const redact: TicketCommand = {
    type: 'RedactComment',
    data: { commentId, by: agentId, eventId: idFrom('test', 'event'), parts: [{ kind: 'whole' }], reason: 'secret' },
  };
  expect(wordsAfter(redact)?.text).toBe('');
});

test('only solved tickets that are not set aside are looked at', () => {
  const solve: TicketCommand = { type: 'ChangeStatus', data: { to: 'resolved' } };
  const spam: TicketCommand = { type: 'MarkSpam', data: { reason: null } };
  expect(wordsAfter(solve)).toMatchObject({ solved: true, set_aside: false });
  expect(wordsAfter(solve, spam)).toMatchObject({ set_aside: true });
  expect(wordsAfter(solve, { type: 'ChangeStatus', data: { to: 'open' } })).toMatchObject({
    solved: false,
    solved_at: null,
  });
});
