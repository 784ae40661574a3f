import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Principal } from '#packages/http/auth.ts';

/**
 * Whether somebody of the desk gets to read why an agent is absent, which may be an illness: the agent and who leads or
 * audits the desk. Colleagues see from when to when, and who stands in.
 */
export const readsReasons = ({ personId, role }: Pick<Principal, 'personId' | 'role'>, agentId: string): boolean =>
  role !== 'agent' || personId === agentId;

/** An event on the stream of an agent as those see it who do not. */
export const withoutReason = (event: StoredEvent): StoredEvent =>
  event.type === 'AgentAbsencePlanned' ? { ...event, data: { ...event.data, reason: '' } } : event;
