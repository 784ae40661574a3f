import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, type Outcome, stepOf } from '../context.ts';
import { about, isSettledTo, unconditional } from '../relations/deps.ts';
import { absorbedBy, isBound, type ReadSubject, type Subject } from './subjects.ts';

type Merge = { readonly mergeId: string; readonly from: string; readonly into: string };

/** What merging people and merging companies differ in: their commands, each on the stream of the id named first. */
export type MergeDeps = {
  readonly read: ReadSubject;
  readonly kind: 'PERSON' | 'COMPANY';
  prepare(id: string, data: { mergeId: string; into: string }, context: CommandContext): Promise<Outcome>;
  offer(id: string, data: { mergeId: string; from: string }, context: CommandContext): Promise<Outcome>;
  settle(
    id: string,
    data: { mergeId: string; into: string; refusal: 'cycle' | null },
    context: CommandContext,
  ): Promise<Outcome>;
  release(
    id: string,
    data: { mergeId: string; reason: 'declined' | 'unmerged' },
    context: CommandContext,
  ): Promise<Outcome>;
  unmerge(id: string, context: CommandContext): Promise<Outcome>;
};

/** How a merge of this id was settled; undefined: not yet. */
const settlement = ({ events }: Subject, mergeId: string) =>
  events.flatMap(({ data, type }) =>
    (type === 'PersonMerged' ||
      type === 'CompanyMerged' ||
      type === 'PersonMergeDeclined' ||
      type === 'CompanyMergeDeclined') &&
    data.mergeId === mergeId
      ? [{ into: data.into, reason: 'reason' in data ? data.reason : null }]
      : [],
  )[0];

const isUnmergeBy = ({ commandId }: CommandContext, { metadata, type }: StoredEvent): boolean =>
  (type === 'PersonUnmerged' || type === 'CompanyUnmerged') && metadata.commandId === commandId;

/**
 * Merging people, or companies: two streams, no transaction, in the steps in which tickets are merged. Who goes on is
 * offered the other; then it is looked whether they would lead round; then the other settles it. As every merge makes its
 * offer before it looks, of merges that cross at least one sees the other.
 */
export function createDirectoryMerging(deps: MergeDeps) {
  const { kind, read } = deps;

  const letGo = (into: string, mergeId: string, reason: 'declined' | 'unmerged', context: CommandContext) =>
    deps.release(into, { mergeId, reason }, stepOf(context, 'release'));

  const refusalOf = (reason: 'cycle' | 'merged' | 'roles', from: Subject): AppError => {
    if (reason === 'roles') return new AppError('PERSON_HAS_ROLES');
    if (reason === 'merged' && from.merging.mergedInto)
      return new AppError(`${kind}_MERGED`, { extra: { into: from.merging.mergedInto.into } });
    return new AppError('RELATION_CYCLE', {
      fields: [{ pointer: '/into', detail: 'is, or is being, merged the other way' }],
    });
  };

  /** The second half: looks and settles. Rejects when it came to nothing, as it may when another merge was first. */
  const settle = async ({ from, into, mergeId }: Merge, context: CommandContext): Promise<Outcome> => {
    const below = await absorbedBy(read, await read(from), isBound);
    const refusal = below.some(({ id }) => id === into) ? 'cycle' : null;
    const outcome = await deps.settle(from, { mergeId, into, refusal }, unconditional(context));
    const self = await read(from);
    const reason = settlement(self, mergeId)?.reason ?? null;
    if (reason === null) return outcome;
    await letGo(into, mergeId, 'declined', context);
    throw refusalOf(reason, self);
  };

  return {
    settle,
    letGo,
    async merge(from: string, into: string, context: CommandContext): Promise<Outcome> {
      const mergeId = idFrom('directory merge', context.commandId);
      const self = await read(from);
      if (isSettledTo(into, settlement(self, mergeId)?.into)) return settle({ mergeId, from, into }, context);
      if (!(await read(into)).exists)
        throw new AppError(`UNKNOWN_${kind}`, { fields: [{ pointer: '/into', detail: 'is not known' }] });
      await deps.prepare(from, { mergeId, into }, context);
      await about('/into', deps.offer(into, { mergeId, from }, stepOf(context, 'offer')));
      return settle({ mergeId, from, into }, context);
    },
    /** Takes a merge back. Rejects with NOT_MERGED. */
    async unmerge(from: string, context: CommandContext): Promise<Outcome> {
      const outcome = await deps.unmerge(from, context);
      const done = (await read(from)).events.findLast((event) => isUnmergeBy(context, event));
      if (done?.type === 'PersonUnmerged' || done?.type === 'CompanyUnmerged')
        await letGo(done.data.into, done.data.mergeId, 'unmerged', context);
      return outcome;
    },
    /** As `settle`, for a merge that somebody else began: that it came to nothing is an end like any other. */
    async complete(merge: Merge, context: CommandContext): Promise<void> {
      try {
        await settle(merge, context);
      } catch (error) {
        if (!isAppError(error) || !['RELATION_CYCLE', `${kind}_MERGED`, 'PERSON_HAS_ROLES'].includes(error.code))
          throw error;
      }
    },
  };
}

export type DirectoryMerging = ReturnType<typeof createDirectoryMerging>;
