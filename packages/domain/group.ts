import type { GroupEvent } from '#contracts/events/directory.ts';
import type { SupportLine } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider, Recorded } from './decider.ts';

type DataOf<T extends GroupEvent['type']> = Extract<GroupEvent, { type: T }>['data'];

export type GroupState = {
  readonly exists: boolean;
  readonly name: string;
  readonly members: readonly string[];
  readonly line: SupportLine | null;
  /** The group that tickets are handed over to. */
  readonly escalatesTo: string | null;
};

export type GroupCommand =
  | { readonly type: 'RegisterGroup'; readonly data: DataOf<'GroupRegistered'> }
  | { readonly type: 'RenameGroup'; readonly data: DataOf<'GroupRenamed'> }
  | { readonly type: 'ChangeLine'; readonly data: DataOf<'GroupLineChanged'> }
  | { readonly type: 'AddMember'; readonly data: DataOf<'GroupMemberAdded'> }
  | { readonly type: 'RemoveMember'; readonly data: DataOf<'GroupMemberRemoved'> };

export type GroupFacts = {
  /** Which group it is. */
  readonly groupId: string;
  /** Who may be a member: people who work on tickets. */
  isAgent(personId: string): boolean;
  /** A group and those above it, from itself up to where a ticket cannot be handed over any more; null: no such group. */
  lineOf(groupId: string): readonly string[] | null;
};

/** For commands that need to know of nobody else. */
export const noGroupFacts: GroupFacts = { groupId: '', isAgent: () => false, lineOf: () => null };

/** One group of agents. Refuses with UNKNOWN_GROUP, UNKNOWN_AGENT and ESCALATION_CYCLE. */
export const group: Decider<GroupState, GroupCommand, GroupEvent, GroupFacts> = {
  initial: () => ({ exists: false, name: '', members: [], line: null, escalatesTo: null }),
  evolve,
  decide(command, state, facts) {
    if (command.type === 'RegisterGroup') return state.exists ? [] : [{ type: 'GroupRegistered', data: command.data }];
    if (!state.exists) throw new AppError('UNKNOWN_GROUP');
    return change(command, state, facts);
  },
};

function evolve(state: GroupState, event: Recorded<GroupEvent>): GroupState {
  switch (event.type) {
    case 'GroupRegistered':
      return { ...state, exists: true, name: event.data.name };
    case 'GroupRenamed':
      return { ...state, name: event.data.name };
    case 'GroupLineChanged':
      return { ...state, ...event.data };
    case 'GroupMemberAdded':
      return { ...state, members: [...state.members, event.data.personId] };
    case 'GroupMemberRemoved':
      return { ...state, members: state.members.filter((id) => id !== event.data.personId) };
    default:
      return state;
  }
}

function change(
  command: Exclude<GroupCommand, { type: 'RegisterGroup' }>,
  state: GroupState,
  facts: GroupFacts,
): GroupEvent[] {
  switch (command.type) {
    case 'RenameGroup':
      return command.data.name === state.name ? [] : [{ type: 'GroupRenamed', data: command.data }];
    case 'ChangeLine':
      return changeLine(command.data, state, facts);
    case 'AddMember': {
      const { personId } = command.data;
      if (state.members.includes(personId)) return [];
      if (!facts.isAgent(personId))
        throw new AppError('UNKNOWN_AGENT', { fields: [{ pointer: '/personId', detail: 'is not an agent' }] });
      return [{ type: 'GroupMemberAdded', data: { personId } }];
    }
    case 'RemoveMember': {
      const { personId } = command.data;
      return state.members.includes(personId) ? [{ type: 'GroupMemberRemoved', data: { personId } }] : [];
    }
    default:
      return command satisfies never;
  }
}

/**
 * Two changes at once may close a circle that each alone does not. Nothing walks it on its own: a ticket goes up by one
 * step at a time, each asked for by somebody.
 */
function changeLine(data: DataOf<'GroupLineChanged'>, state: GroupState, facts: GroupFacts): GroupEvent[] {
  const { escalatesTo, line } = data;
  if (line === state.line && escalatesTo === state.escalatesTo) return [];
  const above = escalatesTo === null ? [] : facts.lineOf(escalatesTo);
  if (above === null)
    throw new AppError('UNKNOWN_GROUP', { fields: [{ pointer: '/escalatesTo', detail: 'names no group' }] });
  if (above.includes(facts.groupId))
    throw new AppError('ESCALATION_CYCLE', {
      fields: [{ pointer: '/escalatesTo', detail: 'hands over to this group, itself or by others' }],
    });
  return [{ type: 'GroupLineChanged', data }];
}
