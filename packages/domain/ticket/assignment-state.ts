import type { TicketEvent } from '#contracts/events/ticket.ts';

type Assigned = Extract<TicketEvent, { type: 'TicketAssigned' }>['data'];

/** True when routing wanted an agent of the group and found nobody: the ticket waits there until somebody is available. */
export const leavesWaiting = ({ agentId, groupId, reason }: Assigned): boolean =>
  groupId !== null && agentId === null && reason.kind === 'routing' && reason.strategy === 'least-loaded';
