import { type TimerEvent, timersOf } from '#packages/domain/ticket/timers.ts';
import type { StoredOf } from '#packages/projector/projection.ts';
import type { LifecycleColumns } from '#packages/read-db/tables-lifecycle.ts';
import { timeOf } from './origin.ts';

export const lifecycleColumns = {
  status_id: 'text',
  status_version: 'integer',
  pending_since: 'timestamptz',
  reminders: 'integer not null',
  resolves_at: 'timestamptz',
  resume_at: 'timestamptz',
  closes_at: 'timestamptz',
  reopen_until: 'timestamptz',
} as const satisfies Record<keyof LifecycleColumns, string>;

export const newLifecycle: LifecycleColumns = {
  status_id: null,
  status_version: null,
  pending_since: null,
  reminders: 0,
  resolves_at: null,
  resume_at: null,
  closes_at: null,
  reopen_until: null,
};

/** What an event about the lifecycle changes of the row. */
export function lifecycleAfter(row: LifecycleColumns, event: StoredOf<TimerEvent['type']>): Partial<LifecycleColumns> {
  const timers = timersOf(event);
  const armed: Partial<LifecycleColumns> = {
    ...('resume' in timers && { resume_at: dateOf(timers.resume) }),
    ...('auto-close' in timers && { closes_at: dateOf(timers['auto-close']) }),
    ...('auto-resolve' in timers && { resolves_at: dateOf(timers['auto-resolve']) }),
  };
  switch (event.type) {
    case 'TicketPostponed':
      return armed;
    case 'TicketReminded':
      return { ...armed, reminders: event.data.count };
    case 'TicketStatusChanged': {
      const { statusId = null, statusVersion = null, terms, to } = event.data;
      const pending_since = to === 'pending' ? (row.pending_since ?? timeOf(event)) : null;
      const reminders = to === 'pending' && row.pending_since !== null ? row.reminders : 0;
      const custom = { status_id: statusId, status_version: statusVersion };
      return { ...armed, ...custom, pending_since, reminders, reopen_until: dateOf(terms?.reopenUntil) };
    }
  }
}

const dateOf = (at: string | null | undefined): Date | null => (at ? new Date(at) : null);
