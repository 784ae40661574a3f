import { AppError } from '#packages/kernel/errors.ts';
import type { WorkCommand } from './attribute-commands.ts';
import type { Work } from './attributes-state.ts';
import type { Handlers } from './handlers.ts';
import type { Ticket } from './state.ts';

/**
 * Work done on a ticket, for the bill and for who wants to know where the time goes. It may be put on record when the
 * ticket is closed: that is when bills are written. Refuses with WORK_NOT_FOUND, and FORBIDDEN for work of others.
 */
export const workLog: Handlers<WorkCommand> = {
  LogWork({ data }, ticket) {
    const known = ticket.attributes.work.some(({ workId }) => workId === data.workId);
    return known ? [] : [{ type: 'TicketWorkLogged', data: { ...data, companyId: ticket.companyId } }];
  },
  CorrectWork({ data: { ofPerson, ...changes } }, ticket) {
    const before = workOf(ticket, changes.workId, ofPerson);
    const after = { ...before, ...changes };
    const members = Object.keys(before) as (keyof Work)[];
    if (members.every((member) => after[member] === before[member])) return [];
    const previous = { minutes: before.minutes, billable: before.billable };
    return [{ type: 'TicketWorkCorrected', data: { ...after, previous } }];
  },
  RemoveWork({ data: { ofPerson, workId } }, ticket) {
    const { billable, minutes } = workOf(ticket, workId, ofPerson);
    return [{ type: 'TicketWorkRemoved', data: { workId, minutes, billable } }];
  },
};

function workOf(ticket: Ticket, workId: string, ofPerson: string | null): Work {
  const found = ticket.attributes.work.find((each) => each.workId === workId);
  if (!found) throw new AppError('WORK_NOT_FOUND');
  if (ofPerson !== null && found.personId !== ofPerson)
    throw new AppError('FORBIDDEN', { detail: 'It is the work of somebody else; supervisors may change it.' });
  return found;
}
