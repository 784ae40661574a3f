import { streams } from '#contracts/events/streams.ts';
import { fold } from '#packages/domain/decider.ts';
import { group } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import type { Directory } from '#packages/domain/ticket/handlers.ts';
import type { EventStore } from '#packages/event-store/port.ts';

/** Roles whose holders may work on tickets. */
export const servingRoles: ReadonlySet<string> = new Set(['agent', 'supervisor', 'admin']);

/** Answers what deciders ask about people and groups, read from their streams: the truth at that moment. */
export function createDirectoryFacts({ store }: { store: EventStore }) {
  const membersOf = async (groupId: string): Promise<ReadonlySet<string> | null> => {
    const state = fold(group, await store.readStream(streams.group(groupId)));
    return state.exists ? new Set(state.members) : null;
  };

  const isAgent = async (personId: string): Promise<boolean> => {
    const state = fold(person, await store.readStream(streams.person(personId)));
    return state.roles.some((role) => servingRoles.has(role));
  };

  /** At most this many groups are walked: two changes at once may have closed a circle. */
  const maxLines = 20;

  const groupAbove = async (groupId: string): Promise<string | null> =>
    fold(group, await store.readStream(streams.group(groupId))).escalatesTo;

  return {
    isAgent,
    membersOf,
    /** A group and those above it, each handing over to the next; null: there is no such group. */
    async lineOf(groupId: string): Promise<readonly string[] | null> {
      const line: string[] = [];
      let at = (await membersOf(groupId)) === null ? null : groupId;
      if (at === null) return null;
      while (at !== null && !line.includes(at) && line.length < maxLines) {
        line.push(at);
        at = await groupAbove(at);
      }
      return line;
    },
    /** The facts that handing over from a group needs. */
    async aboutLine(groupId: string | null): Promise<Directory> {
      const above = groupId === null ? null : await groupAbove(groupId);
      const members = above === null ? null : await membersOf(above);
      return {
        membersOf: (id) => (id === above ? members : null),
        isAgent: () => false,
        above: (id) => (id === groupId ? above : null),
      };
    },
    /** The facts an assignment needs, gathered before the decision. */
    async about({ groupId, agentId }: { groupId: string | null; agentId: string | null }): Promise<Directory> {
      const members = groupId === null ? null : await membersOf(groupId);
      const agent = agentId !== null && (await isAgent(agentId));
      return {
        membersOf: (id) => (id === groupId ? members : null),
        isAgent: (id) => id === agentId && agent,
        above: () => null,
      };
    },
  };
}

export type DirectoryFacts = ReturnType<typeof createDirectoryFacts>;
