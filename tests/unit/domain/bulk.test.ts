import { describe, expect, test } from 'vitest';
import type { BulkEvent, BulkResult } from '#contracts/events/bulk.ts';
import { bulk, pendingOf } from '#packages/domain/bulk.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';

const [a = '', b = '', c = ''] = [1, 2, 3].map((n) => idFrom('bulk test', n));
const started: BulkEvent = {
  type: 'BulkActionStarted',
  data: { action: { do: 'priority', to: 'high' }, ticketIds: [a, b, c] },
};
const result = (ticketId: string): BulkResult => ({ ticketId, outcome: 'done', commandId: ticketId, problem: null });
const done = (...ids: string[]): BulkEvent => ({ type: 'BulkItemsDone', data: { results: ids.map(result) } });
const record = (...ids: string[]) => ({ type: 'RecordBulkResults', data: { results: ids.map(result) } }) as const;
const cancel = { type: 'CancelBulkAction', data: {} } as const;
const cancelled: BulkEvent = { type: 'BulkActionCancelled', data: { remaining: 3 } };
const completed: BulkEvent = { type: 'BulkActionCompleted', data: { done: 3, unchanged: 0, failed: 0 } };

describe('a bulk action', () => {
  test('begins once', () => {
    given(bulk)
      .when({ type: 'StartBulkAction', data: started.data as never }, undefined)
      .thenEvents(started);
    given(bulk, started)
      .when({ type: 'StartBulkAction', data: started.data as never }, undefined)
      .thenNothing();
  });

  test('is complete with its last result, and takes each result once', () => {
    given(bulk, started).when(record(a, b), undefined).thenEvents(done(a, b));
    given(bulk, started, done(a, b)).when(record(b, c), undefined).thenEvents(done(c), completed);
    given(bulk, started, done(a, b)).when(record(a), undefined).thenNothing();
    expect(pendingOf(given(bulk, started, done(b)).state)).toEqual([a, c]);
  });

  test('that is cancelled takes what was under way and is not complete', () => {
    given(bulk, started).when(cancel, undefined).thenEvents(cancelled);
    given(bulk, started, cancelled).when(cancel, undefined).thenNothing();
    given(bulk, started, cancelled)
      .when(record(a, b, c), undefined)
      .thenEvents(done(a, b, c));
    given(bulk, started, done(a, b, c), completed)
      .when(cancel, undefined)
      .thenRejects('BULK_ENDED');
    given(bulk).when(cancel, undefined).thenRejects('BULK_NOT_FOUND');
  });
});
