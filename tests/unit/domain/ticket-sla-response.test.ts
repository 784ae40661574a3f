import { describe, expect, test } from 'vitest';
import { breach, clocks, hour, minute, status, story } from '#tests/support/sla-story.ts';
import { agentSays, automaticMessage, createTicket, customerSays } from '#tests/support/tickets.ts';

describe('first response', () => {
  test.each([
    { when: 'early', at: '2026-03-02T10:20:00Z', expected: [['Stopped', 'first-response', 'met', 20 * minute]] },
    {
      when: 'at the last millisecond',
      at: '2026-03-02T10:59:59.999Z',
      expected: [['Stopped', 'first-response', 'met', hour - 1]],
    },
    {
      when: 'on the dot, which is late whether the timer or the answer comes first',
      at: '2026-03-02T11:00:00Z',
      expected: [
        ['Breached', 'first-response', '2026-03-02T11:00:00.000Z'],
        ['Stopped', 'first-response', 'late', hour],
      ],
    },
    {
      when: 'late, before the timer came to it',
      at: '2026-03-02T11:05:00Z',
      expected: [
        ['Breached', 'first-response', '2026-03-02T11:00:00.000Z'],
        ['Stopped', 'first-response', 'late', 65 * minute],
      ],
    },
  ])('$when', ({ at, expected }) => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at(at, agentSays()))).toEqual(expected);
  });

  test('late, after the timer came to it: one breach', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    desk.at('2026-03-02T11:00:00Z', breach('first-response', '2026-03-02T11:00:00.000Z'));
    expect(clocks(desk.at('2026-03-02T11:05:00Z', agentSays()))).toEqual([
      ['Stopped', 'first-response', 'late', 65 * minute],
    ]);
  });

  test('only an agent’s public message by hand fulfils it', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:05:00Z', agentSays({ visibility: 'internal' })))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:05:00Z', agentSays({ message: automaticMessage() })))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:05:00Z', customerSays()))).toEqual([]);
    expect(desk.state().sla['first-response']).toMatchObject({ phase: 'running' });
  });

  test('decided by a machine whose clock is behind: no time has elapsed, rather than less than none', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T09:59:58Z', agentSays()))).toEqual([['Stopped', 'first-response', 'met', 0]]);
  });

  test('is the first: later answers leave the time of it alone', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    desk.at('2026-03-02T10:10:00Z', agentSays());
    expect(clocks(desk.at('2026-03-02T10:20:00Z', agentSays()))).toEqual([]);
    expect(desk.state().repliedAt).toBe('2026-03-02T10:10:00.000Z');
  });

  test('does not pause while the ticket is set aside', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:30:00Z', status('pending')))).toEqual([['Paused', 'resolution', 30 * minute]]);
    expect(clocks(desk.at('2026-03-02T12:00:00Z', breach('first-response', '2026-03-02T11:00:00.000Z')))).toHaveLength(
      1,
    );
  });

  test('is cancelled by a resolution without an answer, and owed again when the ticket is reopened', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:20:00Z', status('resolved')))).toEqual([
      ['Stopped', 'first-response', 'cancelled', 20 * minute],
      ['Stopped', 'resolution', 'met', 20 * minute],
    ]);
    expect(clocks(desk.at('2026-03-04T10:00:00Z', customerSays()))).toEqual([
      ['Resumed', 'first-response', '2026-03-04T10:40:00.000Z'],
      ['Resumed', 'resolution', '2026-03-05T09:40:00.000Z'],
    ]);
  });

  test('answered in the comment that resolves: met, not cancelled', () => {
    const desk = story();
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:20:00Z', agentSays({ status: 'resolved' })))).toEqual([
      ['Stopped', 'first-response', 'met', 20 * minute],
      ['Stopped', 'resolution', 'met', 20 * minute],
    ]);
    expect(clocks(desk.at('2026-03-03T10:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-04T09:40:00.000Z'],
    ]);
  });
});

describe('next response', () => {
  const answered = () => {
    const desk = story();
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T09:30:00Z', agentSays());
    return desk;
  };

  test('runs from the customer’s first unanswered message to the agent’s answer, once per wait', () => {
    const desk = answered();
    expect(clocks(desk.at('2026-03-02T10:00:00Z', customerSays()))).toEqual([
      ['Started', 'next-response', '2026-03-02T12:00:00.000Z'],
    ]);
    expect(clocks(desk.at('2026-03-02T10:30:00Z', customerSays()))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T11:00:00Z', agentSays()))).toEqual([['Stopped', 'next-response', 'met', hour]]);
    expect(clocks(desk.at('2026-03-02T11:30:00Z', agentSays()))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T12:00:00Z', customerSays()))).toEqual([
      ['Started', 'next-response', '2026-03-02T14:00:00.000Z'],
    ]);
  });

  test('is not started by automatic mail', () => {
    expect(clocks(answered().at('2026-03-02T10:00:00Z', customerSays({ message: automaticMessage() })))).toEqual([]);
  });

  test('pauses with the ticket and goes on with what was left', () => {
    const desk = answered();
    desk.at('2026-03-02T10:00:00Z', customerSays());
    expect(clocks(desk.at('2026-03-02T11:00:00Z', status('on-hold')))).toEqual([
      ['Paused', 'next-response', hour],
      ['Paused', 'resolution', 2 * hour],
    ]);
    expect(clocks(desk.at('2026-03-02T15:00:00Z', customerSays()))).toEqual([
      ['Resumed', 'next-response', '2026-03-02T16:00:00.000Z'],
      ['Resumed', 'resolution', '2026-03-03T13:00:00.000Z'],
    ]);
  });

  test('a message that reopens a resolved ticket starts it', () => {
    const desk = answered();
    desk.at('2026-03-02T10:00:00Z', status('resolved'));
    expect(clocks(desk.at('2026-03-02T11:00:00Z', customerSays()))).toEqual([
      ['Started', 'next-response', '2026-03-02T13:00:00.000Z'],
      ['Resumed', 'resolution', '2026-03-03T10:00:00.000Z'],
    ]);
  });

  test('a wait that the resolution cut short goes on after reopening', () => {
    const desk = answered();
    desk.at('2026-03-02T10:00:00Z', customerSays());
    expect(clocks(desk.at('2026-03-02T10:30:00Z', status('resolved')))).toContainEqual([
      'Stopped',
      'next-response',
      'cancelled',
      30 * minute,
    ]);
    expect(clocks(desk.at('2026-03-02T15:00:00Z', customerSays()))).toEqual([
      ['Resumed', 'next-response', '2026-03-02T16:30:00.000Z'],
      ['Resumed', 'resolution', '2026-03-03T13:30:00.000Z'],
    ]);
  });

  test('a wait that was answered after the resolution is over: the next message starts another', () => {
    const desk = answered();
    desk.at('2026-03-02T10:00:00Z', customerSays());
    desk.at('2026-03-02T10:30:00Z', status('resolved'));
    desk.at('2026-03-02T10:40:00Z', agentSays());
    expect(clocks(desk.at('2026-03-02T11:00:00Z', customerSays()))).toEqual([
      ['Started', 'next-response', '2026-03-02T13:00:00.000Z'],
      ['Resumed', 'resolution', '2026-03-03T09:30:00.000Z'],
    ]);
  });
});
