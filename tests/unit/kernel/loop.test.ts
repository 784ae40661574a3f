import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { startLoop } from '#packages/kernel/loop.ts';

const silent = pino({ level: 'silent' });
const forever = 3_600_000;

it('rests as long as a turn asks for, unless it is woken', async () => {
  let turns = 0;
  const loop = startLoop({
    name: 'test',
    log: silent,
    turn: async () => {
      turns += 1;
      return turns < 3 ? 0 : forever;
    },
  });
  await expect.poll(() => turns).toBe(3);
  loop.wake();
  await expect.poll(() => turns).toBe(4);
  await loop.stop();
  loop.wake();
  expect(turns).toBe(4);
});

it('is not woken in vain during a turn', async () => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  let turns = 0;
  const loop = startLoop({
    name: 'test',
    log: silent,
    turn: async () => {
      turns += 1;
      entered.resolve();
      await leave.promise;
      return forever;
    },
  });
  await entered.promise;
  loop.wake();
  leave.resolve();
  await expect.poll(() => turns).toBe(2);
  await loop.stop();
});

it('stops after the turn in hand, which hears of it', async () => {
  const entered = Promise.withResolvers<void>();
  let ended = false;
  const loop = startLoop({
    name: 'test',
    log: silent,
    turn: async (signal) => {
      entered.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      ended = true;
      return forever;
    },
  });
  await entered.promise;
  await Promise.all([loop.stop(), loop.stop()]);
  expect(ended).toBe(true);
});

it('goes on after failures and logs an outage at its begin and end only', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  vi.useFakeTimers();
  try {
    let turns = 0;
    const loop = startLoop({
      name: 'test',
      log,
      turn: async () => {
        turns += 1;
        if (turns <= 5) throw new Error('database away');
        return forever;
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(loop.failure()).toBe('database away');
    // Woken all the time, as by a bus that works while the database does not: no reason to hurry.
    loop.wake();
    await vi.advanceTimersByTimeAsync(100);
    expect(turns).toBe(1);
    await vi.advanceTimersByTimeAsync(300_000);
    // Five failures, the turn that works, and the one it was woken for.
    expect(turns).toBe(7);
    expect(loop.failure()).toBeNull();
    expect(lines).toEqual(['does not work; trying again', 'works again']);
    await loop.stop();
  } finally {
    vi.useRealTimers();
  }
});
