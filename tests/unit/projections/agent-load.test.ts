import { expect, test } from 'vitest';
import { idFrom } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { agentLoad } from '#projections/agent-load.ts';
import { createStory } from '#tests/support/story.ts';

const ann = idFrom('agent', 'ann');
const bob = idFrom('agent', 'bob');

/** Tickets and what happens to them at ten past, twenty past and so on. */
function desk() {
  const story = createStory();
  let minutes = 0;
  const at = () => {
    minutes += 10;
    return `2026-03-02T10:${minutes}:00Z`;
  };
  return {
    ticket: () => story.ticket(),
    assign: (ticket: string, agentId: string | null) =>
      story.play(
        ticket,
        { type: 'AssignTicket', data: { groupId: null, agentId, reason: { kind: 'manual' } } },
        { at: at() },
      ),
    status: (ticket: string, to: 'open' | 'resolved' | 'closed') =>
      story.play(ticket, { type: 'ChangeStatus', data: { to } }, { at: at() }),
    load: (agent: string) => foldAlone(agentLoad, story.log).agent_load.find(({ agent_id }) => agent_id === agent),
  };
}

test('an agent has the open tickets that are assigned to them', () => {
  const { assign, load, ticket } = desk();
  assign(ticket(), ann);
  assign(ticket(), ann);
  expect(load(ann)).toMatchObject({ open_tickets: 2, last_assigned_at: new Date('2026-03-02T10:20:00Z') });
  expect(load(bob)).toBeUndefined();
});

test('a ticket handed over counts for the new agent alone', () => {
  const { assign, load, ticket } = desk();
  const printer = ticket();
  assign(printer, ann);
  assign(printer, bob);
  expect(load(ann)).toMatchObject({ open_tickets: 0, last_assigned_at: new Date('2026-03-02T10:10:00Z') });
  expect(load(bob)).toMatchObject({ open_tickets: 1, last_assigned_at: new Date('2026-03-02T10:20:00Z') });
  assign(printer, null);
  expect(load(bob)).toMatchObject({ open_tickets: 0 });
});

test('resolved and closed tickets are no load; reopened ones are again', () => {
  const { assign, load, status, ticket } = desk();
  const printer = ticket();
  assign(printer, ann);
  status(printer, 'resolved');
  expect(load(ann)).toMatchObject({ open_tickets: 0 });
  status(printer, 'closed');
  expect(load(ann)).toMatchObject({ open_tickets: 0 });
  status(printer, 'open');
  expect(load(ann)).toMatchObject({ open_tickets: 1, last_assigned_at: new Date('2026-03-02T10:10:00Z') });
});

test('a ticket assigned while it is resolved counts once it is reopened', () => {
  const { assign, load, status, ticket } = desk();
  const printer = ticket();
  status(printer, 'resolved');
  assign(printer, ann);
  expect(load(ann)).toMatchObject({ open_tickets: 0 });
  status(printer, 'open');
  expect(load(ann)).toMatchObject({ open_tickets: 1 });
});

test('a ticket waits for an agent while routing has found nobody', () => {
  const story = createStory();
  const id = story.ticket();
  const group = idFrom('group');
  const choice = { ruleId: 'all', ruleVersion: 1, strategy: 'least-loaded' as const, candidates: [], explanation: '' };
  const reason = { kind: 'routing' as const, ...choice, skills: ['vpn'] };
  const row = () => foldAlone(agentLoad, story.log).agent_load_tickets[0];
  const assign = (agentId: string | null) =>
    story.play(id, { type: 'AssignTicket', data: { groupId: group, agentId, reason } });
  assign(null);
  expect(row()).toMatchObject({ waits_in: group, waits_for: ['vpn'], waits_since: new Date('2026-03-02T10:00:00Z') });
  assign(ann);
  expect(row()).toMatchObject({ agent_id: ann, waits_in: null, waits_for: [], waits_since: null });
});
