import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Priority, SlaClock, Status } from '#contracts/primitives.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { BreachSla, ChangePriority, ChangeStatus } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { play } from './given.ts';
import { savedCalendar, savedPolicy, settingsOf } from './settings.ts';

export const minute = 60_000;
export const hour = 60 * minute;

/** Office Monday to Friday, 9 to 17 UTC; first response in 1 h, next in 2 h, resolution in 8 h. 2026-03-02 is a Monday. */
export const standard = settingsOf(savedCalendar(), savedPolicy());

/** A ticket played under settings, which may change as the story goes on. */
export const story = (settings: SettingsLookup | (() => SettingsLookup) = standard) =>
  play(ticket, (now) => ({
    now,
    settings: typeof settings === 'function' ? settings() : settings,
    directory: noDirectory,
  }));

export const status = (to: Status): ChangeStatus => ({ type: 'ChangeStatus', data: { to } });
export const priority = (to: Priority): ChangePriority => ({ type: 'ChangePriority', data: { to } });
export const breach = (clock: SlaClock, dueAt: string): BreachSla => ({ type: 'BreachSla', data: { clock, dueAt } });

/** The clock events among some, each as [what, clock, due date or outcome, elapsed ms] where it has them. */
export const clocks = (events: readonly TicketEvent[]) =>
  events.flatMap((event) => {
    switch (event.type) {
      case 'TicketSlaStarted':
      case 'TicketSlaResumed':
      case 'TicketSlaBreached':
        return [[event.type.slice(9), event.data.clock, event.data.dueAt]];
      case 'TicketSlaRetargeted':
        return [['Retargeted', event.data.clock, event.data.dueAt, event.data.elapsedMs]];
      case 'TicketSlaPaused':
        return [['Paused', event.data.clock, event.data.elapsedMs]];
      case 'TicketSlaStopped':
        return [['Stopped', event.data.clock, event.data.outcome, event.data.elapsedMs]];
      default:
        return [];
    }
  });
