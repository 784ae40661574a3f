import { expect, test } from 'vitest';
import { foldAlone } from '#packages/projector/rows.ts';
import { timeline } from '#projections/timeline.ts';
import { attachment } from '#tests/support/mails.ts';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { createStory } from '#tests/support/story.ts';
import { agentId, agentSays, automaticMessage, customerId, customerSays, message } from '#tests/support/tickets.ts';

test('everything that is shown has a row, in the order of the stream; bookkeeping of clocks has none', () => {
  const story = createStory({ settings: settingsOf(savedCalendar(), savedPolicy()) });
  const id = story.ticket();
  story.play(id, { type: 'AssignTicket', data: { groupId: null, agentId, reason: { kind: 'manual' } } });
  story.play(id, { type: 'ChangePriority', data: { to: 'high' } });
  story.play(id, agentSays(), { at: '2026-03-02T12:00:00Z' });
  const rows = foldAlone(timeline, story.log).timeline.map(({ kind, visibility }) => `${kind} ${visibility}`);
  expect(rows).toEqual([
    'created public',
    'assignment internal',
    'priority internal',
    'comment public',
    'sla-breach internal',
    'status public',
  ]);
});

test('a message comes with author, texts and attachments', () => {
  const story = createStory();
  const id = story.ticket(undefined, { message: message({ html: '<p>Fire</p>', attachments: [attachment] }) });
  story.play(id, agentSays({ visibility: 'internal', message: message({ text: 'Odd.' }) }));
  const [created, note] = foldAlone(timeline, story.log).timeline;
  expect(created).toMatchObject({
    ticket_id: id,
    version: 1,
    author_id: customerId,
    author_role: 'customer',
    text: 'The printer is on fire',
    html: '<p>Fire</p>',
    attachments: [attachment],
    at: new Date('2026-03-02T10:00:00Z'),
  });
  expect(note).toMatchObject({
    visibility: 'internal',
    author_id: agentId,
    author_role: 'agent',
    text: 'Odd.',
    html: null,
  });
});

test('it shows who caused a change, by which way, and what changed', () => {
  const story = createStory();
  const id = story.ticket();
  const actor = { kind: 'service', id: 'routing' } as const;
  story.play(id, { type: 'ChangeStatus', data: { to: 'on-hold' } }, { actor });
  const [, changed] = foldAlone(timeline, story.log).timeline;
  expect(changed).toMatchObject({
    kind: 'status',
    actor_kind: 'service',
    actor_id: 'routing',
    source: 'test',
    comment_id: null,
    detail: { from: 'new', to: 'on-hold', reason: 'manual' },
  });
});

test('automatic mail is marked', () => {
  const story = createStory();
  story.play(story.ticket(), customerSays({ message: automaticMessage() }));
  expect(foldAlone(timeline, story.log).timeline.map(({ automatic }) => automatic)).toEqual([false, true]);
});
