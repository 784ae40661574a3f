import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '#contracts/problems.ts';
import type { ChangeCommand, MacroStep } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { type AppError, isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedField, savedMatrix } from '#tests/support/catalogue.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { everybodyServes, facetsOf, playTicket } from '#tests/support/ticket-play.ts';
import { agentId, agentSays, createTicket } from '#tests/support/tickets.ts';

const group = idFrom('group');
const settings = settingsOf(...catalogue, savedMatrix(), savedField('asset'), savedField('colour'));
const begin = () => {
  const desk = playTicket({ directory: everybodyServes([agentId]), settings });
  desk.do(createTicket({ priority: 'low' }));
  return desk;
};
const undo = (commandId: string): ChangeCommand => ({ type: 'UndoCommand', data: { commandId } });
const priority = (to: 'low' | 'high' | 'urgent'): MacroStep => ({ type: 'ChangePriority', data: { to } });
const status = (to: 'open' | 'pending' | 'resolved' | 'closed'): MacroStep => ({ type: 'ChangeStatus', data: { to } });
const tags = (...add: string[]): MacroStep => ({ type: 'ChangeTags', data: { add, remove: [] } });
const assign: MacroStep = { type: 'AssignTicket', data: { groupId: group, agentId, reason: { kind: 'manual' } } };
const macro = (...steps: MacroStep[]): ChangeCommand => ({
  type: 'ApplyMacro',
  data: { macroId: 'solve', macroVersion: 2, name: 'Solve', steps },
});
const workId = idFrom('work');
const work = { workId, personId: agentId, minutes: 30, billable: true, startedAt: null, specification: 'Looked' };

function refusal(code: ProblemCode, act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (isAppError(error, code)) return error;
    throw error;
  }
  throw new Error(`not refused with ${code}`);
}
const reasons = (error: AppError) => (error.extra['reasons'] as { reason: string }[]).map(({ reason }) => reason);

describe('a macro', () => {
  test('does all its steps in one append, each on what the one before led to', () => {
    const { events } = begin().do(macro(status('resolved'), tags('done'), status('open')));
    expect(events.map(({ type }) => type).filter((type) => !type.startsWith('TicketSla'))).toEqual([
      'TicketMacroApplied',
      'TicketStatusChanged',
      'TicketTagsChanged',
      'TicketStatusChanged',
    ]);
    expect(events.at(-1)?.data).toMatchObject({ from: 'resolved', to: 'open' });
  });

  test('does nothing at all when one of them is refused, and says which', () => {
    const desk = begin();
    const error = refusal('TICKET_CLOSED', () => desk.do(macro(status('closed'), tags('late'))));
    expect(error.extra).toMatchObject({ step: 1 });
    expect(desk.history).toHaveLength(1);
    expect(desk.do(macro(priority('low'))).events).toEqual([]);
  });

  test('may fill in the fields that it needs to resolve', () => {
    const required = settingsOf(...catalogue, savedField('asset', { required: true }));
    const desk = playTicket({ directory: noDirectory, settings: required });
    desk.do(createTicket());
    const fill: MacroStep = { type: 'ChangeFields', data: { fields: { asset: 'P5' }, byCustomer: false } };
    refusal('FIELDS_REQUIRED', () => desk.do(macro(status('resolved'), fill)));
    desk.do(macro(fill, status('resolved')));
    expect(desk.state()).toMatchObject({ status: 'resolved' });
  });
});

describe('undo', () => {
  const link = { linkId: idFrom('link'), kind: 'related', ticketId: idFrom('other'), number: 2 } as const;
  const undoable: ChangeCommand[] = [
    status('pending'),
    priority('urgent'),
    { type: 'AssessPriority', data: { impact: 'high', urgency: 'high' } },
    assign,
    tags('vip', 'new'),
    { type: 'ChangeFollowers', data: { add: [agentId], remove: [] } },
    { type: 'ChangeSubject', data: { to: 'Printer 5' } },
    { type: 'ChangeRequester', data: { personId: idFrom('other person'), companyId: idFrom('company') } },
    { type: 'ChangeCompany', data: { to: idFrom('company') } },
    { type: 'ChangeLanguage', data: { to: 'de' } },
    { type: 'ChangeDueDate', data: { to: '2026-04-01T12:00:00.000Z' } },
    { type: 'ChangeType', data: { to: 'incident' } },
    { type: 'ChangeService', data: { to: 'toner' } },
    { type: 'ChangeFields', data: { fields: { asset: 'P5' }, byCustomer: false } },
    { type: 'LogWork', data: work },
    { type: 'LinkTicket', data: link },
    { type: 'MarkSpam', data: { reason: null } },
    macro(status('resolved'), priority('urgent'), tags('done'), assign),
  ];
  test.each(undoable)('of $type leaves the ticket as it was, and says what it took back', (command) => {
    const desk = begin();
    desk.do({ type: 'AssessPriority', data: { impact: 'low', urgency: 'low' } });
    const before = facetsOf(desk.state());
    const { commandId, events } = desk.do(command);
    expect(facetsOf(desk.state())).not.toEqual(before);
    const [undone] = desk.do(undo(commandId)).events;
    expect(facetsOf(desk.state())).toEqual(before);
    const own = desk.history.filter((event) => event.metadata.commandId === commandId);
    expect(own.length).toBe(events.length);
    const eventIds = own.filter(({ type }) => !type.startsWith('TicketSla')).map(({ id }) => id);
    expect(undone).toEqual({ type: 'TicketCommandUndone', data: { commandId, eventIds } });
    expect(reasons(refusal('UNDO_REFUSED', () => desk.do(undo(commandId))))).toEqual(['already-undone']);
  });

  test('of work corrected, removed, and of a restoration', () => {
    const desk = begin();
    desk.do({ type: 'LogWork', data: work });
    const before = facetsOf(desk.state());
    for (const command of [
      { type: 'CorrectWork', data: { workId, minutes: 5, ofPerson: null } },
      { type: 'RemoveWork', data: { workId, ofPerson: null } },
    ] as const) {
      desk.do(undo(desk.do(command).commandId));
      expect(facetsOf(desk.state())).toEqual(before);
    }
    desk.do({ type: 'MarkSpam', data: { reason: null } });
    desk.do(undo(desk.do({ type: 'RestoreTicket', data: { reason: null } }).commandId));
    expect(desk.state().setAside).toEqual({ kind: 'spam' });
  });

  test('is refused by a later change of the same thing, which it names, and only by that', () => {
    const desk = begin();
    const first = desk.do(priority('high')).commandId;
    const second = desk.do(priority('urgent'));
    desk.do(tags('vip'));
    const error = refusal('UNDO_REFUSED', () => desk.do(undo(first)));
    const [later] = desk.history.filter(({ metadata }) => metadata.commandId === second.commandId);
    expect(error.extra).toEqual({
      reasons: [{ reason: 'changed-later', eventId: later?.id, type: 'TicketPriorityChanged', at: later?.metadata.at }],
    });
    // What was undone is in nobody's way.
    desk.do(undo(second.commandId));
    desk.do(undo(first));
    expect(desk.state()).toMatchObject({ priority: 'low', attributes: { tags: ['vip'] } });
  });

  test('keeps the tags that others gave meanwhile', () => {
    const desk = begin();
    const { commandId } = desk.do(tags('a', 'b'));
    desk.do(tags('c'));
    desk.do(undo(commandId));
    expect(desk.state().attributes.tags).toEqual(['c']);
  });

  test('of what was said, of an undo, of what other tickets have a part in, and of nothing is refused', () => {
    const desk = begin();
    expect(reasons(refusal('UNDO_REFUSED', () => desk.do(undo(desk.do(agentSays()).commandId))))).toEqual(['said']);
    const note = desk.do(macro(tags('x'), agentSays({ visibility: 'internal' }))).commandId;
    expect(reasons(refusal('UNDO_REFUSED', () => desk.do(undo(note))))).toEqual(['said']);
    const undone = desk.do(undo(desk.do(priority('high')).commandId)).commandId;
    expect(reasons(refusal('UNDO_REFUSED', () => desk.do(undo(undone))))).toContain('is-undo');
    const absorbed = desk.do({
      type: 'OfferMerge',
      data: { mergeId: idFrom('merge'), ticketId: idFrom('other'), number: 2, requesterId: agentId },
    });
    expect(reasons(refusal('UNDO_REFUSED', () => desk.do(undo(absorbed.commandId))))).toEqual(['no-way-back']);
    refusal('COMMAND_NOT_FOUND', () => desk.do(undo(idFrom('never'))));
  });

  test('is refused while the ticket is closed or set aside, unless it takes that back', () => {
    const desk = begin();
    const { commandId } = desk.do(tags('vip'));
    const closing = desk.do(status('closed')).commandId;
    refusal('TICKET_CLOSED', () => desk.do(undo(commandId)));
    desk.do(undo(closing));
    expect(desk.state().status).toBe('new');
    desk.do({ type: 'MarkSpam', data: { reason: null } });
    refusal('TICKET_IS_SPAM', () => desk.do(undo(commandId)));
  });

  test('is refused when whoever had the ticket can have it no more', () => {
    const desk = begin();
    desk.do(assign);
    const { commandId } = desk.do({
      type: 'AssignTicket',
      data: { groupId: null, agentId: null, reason: { kind: 'manual' } },
    });
    const error = refusal('UNDO_REFUSED', () => desk.do(undo(commandId), { directory: noDirectory }));
    expect(reasons(error)).toEqual(['not-possible-now']);
    desk.do(undo(commandId));
    expect(desk.state()).toMatchObject({ groupId: group, agentId });
  });
});
