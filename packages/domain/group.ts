import type { GroupEvent } from '#contracts/events/directory.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider } from './decider.ts';

type DataOf<T extends GroupEvent['type']> = Extract<GroupEvent, { type: T }>['data'];

export type GroupState = { readonly exists: boolean; readonly name: string; readonly members: readonly string[] };

export type GroupCommand =
  | { readonly type: 'RegisterGroup'; readonly data: DataOf<'GroupRegistered'> }
  | { readonly type: 'AddMember'; readonly data: DataOf<'GroupMemberAdded'> }
  | { readonly type: 'RemoveMember'; readonly data: DataOf<'GroupMemberRemoved'> };

/** Who may be a member: people who work on tickets. */
export type GroupFacts = { isAgent(personId: string): boolean };

/** One group of agents. Refuses with UNKNOWN_GROUP and UNKNOWN_AGENT. */
export const group: Decider<GroupState, GroupCommand, GroupEvent, GroupFacts> = {
  initial: () => ({ exists: false, name: '', members: [] }),

  evolve(state, event) {
    switch (event.type) {
      case 'GroupRegistered':
        return { ...state, exists: true, name: event.data.name };
      case 'GroupMemberAdded':
        return { ...state, members: [...state.members, event.data.personId] };
      case 'GroupMemberRemoved':
        return { ...state, members: state.members.filter((id) => id !== event.data.personId) };
      default:
        return state;
    }
  },

  decide(command, state, facts) {
    if (command.type === 'RegisterGroup') return state.exists ? [] : [{ type: 'GroupRegistered', data: command.data }];
    if (!state.exists) throw new AppError('UNKNOWN_GROUP');
    const { personId } = command.data;
    const isMember = state.members.includes(personId);
    switch (command.type) {
      case 'AddMember':
        if (isMember) return [];
        if (!facts.isAgent(personId))
          throw new AppError('UNKNOWN_AGENT', { fields: [{ pointer: '/personId', detail: 'is not an agent' }] });
        return [{ type: 'GroupMemberAdded', data: { personId } }];
      case 'RemoveMember':
        return isMember ? [{ type: 'GroupMemberRemoved', data: { personId } }] : [];
      default:
        return command satisfies never;
    }
  },
};
