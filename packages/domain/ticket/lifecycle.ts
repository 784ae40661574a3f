import type { ChangeStatus } from './commands.ts';
import type { Handlers } from './handlers.ts';
import { statusChange } from './status.ts';

/** The course of a ticket from new to closed. Refuses with ILLEGAL_TRANSITION. */
export const lifecycle: Handlers<ChangeStatus> = {
  ChangeStatus: ({ data }, ticket) => statusChange(ticket, data.to, 'manual'),
};
