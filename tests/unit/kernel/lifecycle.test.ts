import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createLifecycle } from '#packages/kernel/lifecycle.ts';

/** A lifecycle whose log is kept. */
function kept(options: { stopTimeoutMs: number; deadlineMs?: number }) {
  const lines: { part?: string; parts?: string[]; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, lifecycle: createLifecycle({ ...options, log }) };
}

const never = () => new Promise<void>(() => undefined);

test('parts stop in reverse, once, and a clean stop says nothing', async () => {
  const { lifecycle, lines } = kept({ stopTimeoutMs: 1_000 });
  const stopped: string[] = [];
  for (const name of ['first', 'second']) lifecycle.add(name, name, async (it) => void stopped.push(it));
  expect([await lifecycle.stop(), await lifecycle.stop()]).toEqual([true, true]);
  expect(stopped).toEqual(['second', 'first']);
  expect(lines).toEqual([]);
});

test('a part that hangs or fails is named and keeps nothing else from stopping', async () => {
  const { lifecycle, lines } = kept({ stopTimeoutMs: 50 });
  const stopped: string[] = [];
  lifecycle.add('platform', 0, async () => void stopped.push('platform'));
  lifecycle.add('stuck', 0, never);
  lifecycle.add('broken', 0, () => Promise.reject(new Error('gone')));
  expect(await lifecycle.stop()).toBe(false);
  expect(stopped).toEqual(['platform']);
  expect(lines.map(({ part, msg }) => [part, msg])).toEqual([
    ['broken', 'part did not stop cleanly'],
    ['stuck', 'part did not stop cleanly'],
  ]);
});

test('when the time of all is used up, what is left is named and left', async () => {
  const { lifecycle, lines } = kept({ stopTimeoutMs: 1_000, deadlineMs: 50 });
  const stopped: string[] = [];
  lifecycle.add('platform', 0, async () => void stopped.push('platform'));
  lifecycle.add('stuck', 0, never);
  expect(await lifecycle.stop()).toBe(false);
  expect(stopped).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ parts: ['platform'], msg: 'no time left to stop these parts' });
});
