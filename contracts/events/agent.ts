import { Type } from 'typebox';
import { Instant, Nullable, Slug, Strict, Uuid } from '../primitives.ts';
import type { EventOf } from './envelope.ts';

/** What somebody can do that not everybody of their group can. How deep they go is said by the support line of the group. */
export const Skills = Type.Array(Slug, { maxItems: 50, uniqueItems: true });
export const OpenTickets = Type.Integer({ minimum: 0, maximum: 10_000 });
export const AbsenceReason = Type.String({ maxLength: 500 });

/** How an agent works; on the stream of the person. */
export const agentEvents = {
  AgentSkillsChanged: Strict({ skills: Skills }),
  AgentWorkingHoursChanged: Strict({ calendarId: Nullable({ ...Slug, description: 'null: always' }) }),
  AgentCapacityChanged: Strict({ maxOpenTickets: Nullable({ ...OpenTickets, description: 'null: no bound' }) }),
  AgentAbsencePlanned: Strict({
    absenceId: Uuid,
    from: Instant,
    to: { ...Instant, description: 'first instant back' },
    reason: AbsenceReason,
    deputyId: Nullable({ ...Uuid, description: 'whom to ask meanwhile' }),
  }),
  AgentAbsenceCancelled: Strict({ absenceId: Uuid }),
} as const;

export type AgentEvent = EventOf<typeof agentEvents>;
