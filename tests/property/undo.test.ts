import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levels, priorities, statuses } from '#contracts/primitives.ts';
import type { ChangeCommand, MacroStep } from '#packages/domain/ticket/commands.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedField, savedMatrix } from '#tests/support/catalogue.ts';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { everybodyServes, facetsOf, playTicket } from '#tests/support/ticket-play.ts';
import { agentSays, createTicket, customerSays } from '#tests/support/tickets.ts';

const settings = settingsOf(
  ...catalogue,
  savedMatrix(),
  savedField('asset'),
  { kind: 'status', id: 'at-vendor', value: { name: 'At vendor', category: 'on-hold', order: 1 } },
  { kind: 'status', id: 'silent', value: { name: 'Silent', category: 'pending', order: 2 } },
  {
    kind: 'lifecycle-policy',
    id: 'usual',
    value: {
      name: 'Usual',
      order: 1,
      match: {},
      reopenDays: 14,
      autoCloseDays: 7,
      pendingReminderDays: 2,
      pendingResolveDays: 6,
    },
  },
  savedField('colour'),
  savedCalendar(),
  savedPolicy(),
);
const ids = [0, 1, 2].map((n) => idFrom('undo test', n));
const [first = '', second = '', third = ''] = ids;
const id = fc.constantFrom(first, second, third);
const tag = fc.constantFrom('a', 'b', 'c');
const some = <T>(values: fc.Arbitrary<T>) => fc.array(values, { maxLength: 2 });

const step: fc.Arbitrary<MacroStep> = fc.oneof(
  fc.constantFrom(...statuses, 'at-vendor', 'silent').map((to): MacroStep => ({ type: 'ChangeStatus', data: { to } })),
  fc.constantFrom(60, 5_000, null).map(
    (minutes): MacroStep => ({
      type: 'ChangeStatus',
      data: { to: 'pending', resumeAt: minutes === null ? null : `2026-04-0${1 + (minutes % 7)}T10:00:00.000Z` },
    }),
  ),
  fc.constantFrom(...priorities).map((to): MacroStep => ({ type: 'ChangePriority', data: { to } })),
  fc
    .record({ impact: fc.constantFrom(...levels), urgency: fc.constantFrom(...levels) })
    .map((data): MacroStep => ({ type: 'AssessPriority', data })),
  fc
    .record({ groupId: fc.option(id), agentId: fc.option(id), reason: fc.constant({ kind: 'manual' as const }) })
    .map((data): MacroStep => ({ type: 'AssignTicket', data })),
  fc.record({ add: some(tag), remove: some(tag) }).map((data): MacroStep => ({ type: 'ChangeTags', data })),
  fc.record({ add: some(id), remove: some(id) }).map((data): MacroStep => ({ type: 'ChangeFollowers', data })),
  fc
    .dictionary(fc.constantFrom('asset', 'colour'), fc.constantFrom('x', 'y', null), { maxKeys: 2 })
    .map((fields): MacroStep => ({ type: 'ChangeFields', data: { fields, byCustomer: false } })),
  fc.constantFrom('One', 'Two').map((to): MacroStep => ({ type: 'ChangeSubject', data: { to } })),
  fc.record({ personId: id, companyId: fc.option(id) }).map((data): MacroStep => ({ type: 'ChangeRequester', data })),
  fc.constantFrom('toner', 'software', null).map((to): MacroStep => ({ type: 'ChangeService', data: { to } })),
  fc.constantFrom('incident', 'request', null).map((to): MacroStep => ({ type: 'ChangeType', data: { to } })),
);
const work = { personId: first, billable: true, startedAt: null, specification: '' };
const command: fc.Arbitrary<() => ChangeCommand> = fc.oneof(
  { weight: 6, arbitrary: step.map((it) => () => it) },
  {
    weight: 2,
    arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }).map(
      (steps) => (): ChangeCommand => ({
        type: 'ApplyMacro',
        data: { macroId: 'm', macroVersion: 1, name: 'M', steps },
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ workId: id, minutes: fc.integer({ min: 1, max: 60 }), how: fc.nat({ max: 2 }) })
      .map(({ how, minutes, workId }) => (): ChangeCommand => {
        if (how === 0) return { type: 'LogWork', data: { ...work, workId, minutes } };
        if (how === 1) return { type: 'CorrectWork', data: { workId, minutes, ofPerson: null } };
        return { type: 'RemoveWork', data: { workId, ofPerson: null } };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<ChangeCommand>(
        { type: 'MarkSpam', data: { reason: null } },
        { type: 'RestoreTicket', data: { reason: null } },
        { type: 'LinkTicket', data: { linkId: first, kind: 'blocks', ticketId: second, number: 2 } },
        { type: 'LinkTicket', data: { linkId: second, kind: 'related', ticketId: third, number: 3 } },
      )
      .map((it) => () => it),
  },
  {
    weight: 1,
    arbitrary: fc.constant((): ChangeCommand => ({ type: 'EscalateTicket', data: { explanation: 'Too hard' } })),
  },
  { weight: 1, arbitrary: fc.constantFrom(agentSays, customerSays).map((say) => () => say()) },
);

test('undoing the commands of a ticket from the last one back leaves it each time as it was before that command', () => {
  const histories = 500;
  let undone = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 15 }), (commands) => {
      const desk = playTicket({
        directory: { ...everybodyServes(ids), above: (group) => (group === first ? second : null) },
        settings,
      });
      desk.do(createTicket({ priority: 'low' }));
      const done = commands.flatMap((make) => {
        desk.wait(7);
        const before = facetsOf(desk.state());
        const made = attempt(() => desk.do(make()));
        return made && made.events.length > 0 ? [{ before, commandId: made.commandId }] : [];
      });
      for (const { before, commandId } of done.toReversed()) {
        desk.wait(7);
        if (!attempt(() => desk.do({ type: 'UndoCommand', data: { commandId } }))) {
          refused += 1;
          return;
        }
        expect(facetsOf(desk.state())).toEqual(before);
        undone += 1;
      }
    }),
    { numRuns: histories },
  );
  process.stdout.write(`undone exactly: ${JSON.stringify({ commands: undone, refused, histories })}\n`);
  expect(undone).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(10);
});

/** What an act gives; undefined when the ticket refuses. Anything else is a fault. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
}
