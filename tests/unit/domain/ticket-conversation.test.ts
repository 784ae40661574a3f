import { describe, expect, it } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { RedactedPart } from '#contracts/events/ticket-conversation.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { messageNow, redacted } from '#packages/domain/ticket/redaction.ts';
import { maxEvents, ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentId, agentSays, customerId, customerSays, message, newTicket } from '#tests/support/tickets.ts';

const facts = { now: Temporal.Instant.from('2026-03-02T10:00:00Z'), settings: settingsOf(), directory: noDirectory };
const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const file = (name: string) => ({
  blob: name.repeat(64).slice(0, 64),
  name: `${name}.png`,
  mediaType: 'image/png',
  size: 3,
  contentId: null,
  inline: false,
});
const eventId = idFrom('test', 'event');

function said(say: typeof agentSays, changes: Parameters<typeof agentSays>[0] = {}) {
  const { status: _, ...data } = say(changes).data;
  return { type: 'TicketCommented' as const, data };
}
const note = (changes: Parameters<typeof agentSays>[0] = {}) => said(agentSays, { visibility: 'internal', ...changes });

const edit = (commentId: string, text: string, changes: object = {}) => ({
  type: 'EditComment' as const,
  data: { commentId, by: agentId, message: message({ text }), keep: null, ...changes },
});
const redact = (commentId: string, ...parts: RedactedPart[]) => ({
  type: 'RedactComment' as const,
  data: { commentId, by: agentId, eventId, parts, reason: 'a card number' },
});

describe('a mention', () => {
  it('is kept once, and nothing is kept when nobody is mentioned', () => {
    const anna = { kind: 'person', id: customerId } as const;
    const [twice] = given(ticket, created)
      .when(agentSays({ mentions: [anna, anna] }), facts)
      .events();
    expect(twice?.data).toMatchObject({ mentions: [anna] });
    const [none] = given(ticket, created)
      .when(agentSays({ mentions: [] }), facts)
      .events();
    expect(none?.data).not.toHaveProperty('mentions');
  });

  it('moves no responsibility', () => {
    const mentions = [{ kind: 'person', id: agentId } as const];
    const { state } = given(ticket, created, note({ mentions }));
    expect([state.agentId, state.groupId]).toEqual([null, null]);
  });
});

describe('writing a note anew', () => {
  const first = note({ message: message({ text: 'wrong', attachments: [file('a'), file('b')] }) });
  const { commentId } = first.data;

  it('gives it other words and keeps its files', () => {
    given(ticket, created, first)
      .when(edit(commentId, 'right'), facts)
      .thenEvents({
        type: 'TicketCommentEdited',
        data: { commentId, version: 2, by: agentId, message: { ...first.data.message, text: 'right' } },
      });
  });

  it('drops files that are not kept, and adds new ones once', () => {
    const keep = [file('b').blob];
    const changed = edit(commentId, 'right', {
      keep,
      message: message({ text: 'right', attachments: [file('b'), file('c')] }),
    });
    const [event] = given(ticket, created, first).when(changed, facts).events();
    expect(event?.data).toMatchObject({ message: { attachments: [file('b'), file('c')] } });
  });

  it('in the same words does nothing, and is possible on a closed ticket', () => {
    given(ticket, created, first).when(edit(commentId, 'wrong'), facts).thenNothing();
    const closed: TicketEvent = { type: 'TicketStatusChanged', data: { from: 'new', to: 'closed', reason: 'manual' } };
    const types = given(ticket, created, first, closed).when(edit(commentId, 'right'), facts).events();
    expect(types.map(({ type }) => type)).toEqual(['TicketCommentEdited']);
  });

  it('is for its author, for notes, and for what is whole', () => {
    const history = given(ticket, created, first);
    history.when(edit(commentId, 'x', { by: customerId }), facts).thenRejects('COMMENT_NOT_EDITABLE');
    history.when(edit(idFrom('test', 'nothing'), 'x'), facts).thenRejects('COMMENT_NOT_FOUND');
    history.when(edit(newTicket().commentId, 'x'), facts).thenRejects('COMMENT_NOT_EDITABLE');
    const answer = said(agentSays);
    given(ticket, created, answer).when(edit(answer.data.commentId, 'x'), facts).thenRejects('COMMENT_NOT_EDITABLE');
    const [event] = history.when(redact(commentId, { kind: 'text', from: 0, to: 1 }), facts).events();
    if (!event) throw new Error('nothing redacted');
    given(ticket, created, first, event).when(edit(commentId, 'x'), facts).thenRejects('COMMENT_REDACTED');
  });
});

describe('taking something out', () => {
  const letter = said(customerSays, {
    message: message({ text: 'card 4711 😀 ok', html: '<p>card 4711</p>', attachments: [file('a')] }),
  });
  const { commentId } = letter.data;
  const history = given(ticket, created, letter);
  const place = { commentId, eventId, version: 2, heldBy: 2, by: agentId, reason: 'a card number' };

  it('names the places, and leaves the rest of the message where it was', () => {
    const parts = [{ kind: 'text', from: 5, to: 9 } as const];
    history
      .when(redact(commentId, ...parts), facts)
      .thenEvents({ type: 'TicketCommentRedacted', data: { ...place, parts } });
    const left = redacted(letter.data.message, parts);
    expect(left).toMatchObject({ text: 'card ████ 😀 ok', html: null, attachments: [file('a')] });
  });

  it('never cuts a character in two', () => {
    const [event] = history.when(redact(commentId, { kind: 'text', from: 11, to: 12 }), facts).events();
    expect(event?.data).toMatchObject({ parts: [{ kind: 'text', from: 10, to: 12 }] });
  });

  it('of all of it leaves nothing, and mentions go with it', () => {
    const mentions = [{ kind: 'person', id: customerId } as const];
    const mentioning = note({ mentions });
    const [event] = given(ticket, created, mentioning)
      .when(redact(mentioning.data.commentId, { kind: 'whole' }, { kind: 'text', from: 0, to: 1 }), facts)
      .events();
    expect(event?.data).toMatchObject({ parts: [{ kind: 'whole' }] });
    if (!event) throw new Error('nothing redacted');
    const { state } = given(ticket, created, mentioning, event);
    expect(state.conversation.at(-1)).toMatchObject({ mentions: [], redacted: 'whole', message: { text: '' } });
    given(ticket, created, mentioning, event)
      .when(redact(mentioning.data.commentId, { kind: 'whole' }), facts)
      .thenNothing();
  });

  it('that is out already does nothing', () => {
    const part = { kind: 'text', from: 5, to: 9 } as const;
    const out: TicketEvent = { type: 'TicketCommentRedacted', data: { ...place, parts: [part] } };
    given(ticket, created, letter, out).when(redact(commentId, part), facts).thenNothing();
  });

  it('has to be there', () => {
    const refuse = (part: RedactedPart, pointer: string) =>
      history.when(redact(commentId, part), facts).thenRejects('REDACTION_INVALID', { pointers: [pointer] });
    refuse({ kind: 'text', from: 5, to: 5 }, '/parts/0/to');
    refuse({ kind: 'text', from: 5, to: 16 }, '/parts/0/to');
    refuse({ kind: 'attachment', blob: file('z').blob }, '/parts/0/blob');
    history.when(redact(idFrom('test', 'nothing'), { kind: 'whole' }), facts).thenRejects('COMMENT_NOT_FOUND');
  });

  it('is possible on a ticket that is as long as it may be, where a note is not', () => {
    const long = Array.from({ length: maxEvents - 1 }, () => note());
    const full = given(ticket, created, ...long);
    const last = full.state.commentIds.at(-1) ?? '';
    expect(full.when(redact(last, { kind: 'whole' }), facts).events()).toHaveLength(1);
    full.when(edit(last, 'x'), facts).thenRejects('TICKET_TOO_LONG');
  });

  it('of a note that was written anew is out of what it says now', () => {
    const first = note({ message: message({ text: 'old words' }) });
    const id = first.data.commentId;
    const edited: TicketEvent = {
      type: 'TicketCommentEdited',
      data: { commentId: id, version: 2, by: agentId, message: message({ text: 'new words' }) },
    };
    const [event] = given(ticket, created, first, edited)
      .when(redact(id, { kind: 'text', from: 0, to: 3 }), facts)
      .events();
    expect(event?.data).toMatchObject({ version: 2, heldBy: 3 });
    if (!event) throw new Error('nothing redacted');
    expect(messageNow(first.data.message, 2, [first, edited, event]).text).toBe('███ words');
  });
});
