import { type Static, Type } from 'typebox';
import { AbsenceReason, OpenTickets, Skills } from '../events/agent.ts';
import { Instant, Nullable, OneOf, Slug, Strict, SupportLine, Uuid } from '../primitives.ts';
import { GroupRef, outcome, PersonRef, pageOf, paging } from './common.ts';

export const AgentParams = Strict({ agent: Uuid });
export const AbsenceParams = Strict({ agent: Uuid, absence: Uuid });

export const ChangeSkills = Strict({ skills: Skills }, { title: 'ChangeSkills' });
export const ChangeWorkingHours = Strict(
  { calendarId: Nullable({ ...Slug, description: 'a calendar of the settings; null: always' }) },
  { title: 'ChangeWorkingHours' },
);
export const ChangeCapacity = Strict(
  {
    maxOpenTickets: Nullable({
      ...OpenTickets,
      description: 'with that many the agent is given no more; null: no bound',
    }),
  },
  { title: 'ChangeCapacity' },
);
export const PlanAbsence = Strict(
  {
    from: Instant,
    to: { ...Instant, description: 'first instant back' },
    reason: Type.Optional({ ...AbsenceReason, description: 'not shown to other agents' }),
    deputyId: Type.Optional(Nullable({ ...Uuid, description: 'whom to ask meanwhile' })),
  },
  { title: 'PlanAbsence' },
);
export const AbsencePlanned = Type.Object({ id: Uuid, ...outcome }, { title: 'AbsencePlanned' });

const Absence = Type.Object(
  {
    id: Uuid,
    from: Instant,
    to: Instant,
    reason: Type.String({ description: 'empty also for other agents than the one who is absent' }),
    deputy: Nullable(PersonRef),
  },
  { title: 'Absence' },
);

export const Agent = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    groups: Type.Array(GroupRef),
    skills: Type.Array(Type.String()),
    workingHours: Nullable(
      Type.Object(
        {
          calendarId: Type.String(),
          name: Nullable(Type.String({ description: 'null: it was removed, and binds nobody' })),
        },
        { title: 'WorkingHours', description: 'null: always' },
      ),
    ),
    maxOpenTickets: Nullable(Type.Integer({ description: 'null: no bound' })),
    openTickets: Type.Integer({ description: 'neither resolved nor closed nor set aside' }),
    absences: Type.Array(Absence, { description: 'those that are not over, soonest first' }),
    available: Type.Boolean({ description: 'whether routing may give them tickets now' }),
    unavailable: Nullable(
      Type.Object(
        {
          reason: OneOf(['absent', 'outside hours', 'at capacity']),
          until: Nullable({ ...Instant, description: 'null: nobody can say' }),
        },
        { title: 'Unavailable', description: 'why not; null: available' },
      ),
    ),
    version: Type.Integer({ description: 'for If-Match of a change of the profile' }),
  },
  { title: 'Agent' },
);
export type Agent = Static<typeof Agent>;
export const AgentPage = pageOf('AgentPage', Agent);
export const AgentQuery = Strict({
  group: Type.Optional({ ...Uuid, description: 'members of that group' }),
  skill: Type.Optional(Slug),
  ...paging,
});

export const TicketAssignedAnswer = Type.Object(
  {
    ...outcome,
    warnings: Type.Array(
      Type.Object(
        {
          reason: OneOf(['absent', 'outside hours']),
          until: Nullable(Instant),
          deputyId: Nullable({ ...Uuid, description: 'whom to ask meanwhile' }),
        },
        { title: 'AssignmentWarning', description: 'why the agent may not get to it soon' },
      ),
    ),
  },
  { title: 'TicketAssignedAnswer' },
);

export const RenameGroup = Strict(
  { name: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) },
  { title: 'RenameGroup' },
);
export const ChangeLine = Strict(
  {
    line: Nullable(SupportLine),
    escalatesTo: Nullable({ ...Uuid, description: 'the group that its tickets are handed over to; null: to none' }),
  },
  { title: 'ChangeLine' },
);
