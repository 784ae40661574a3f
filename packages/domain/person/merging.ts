import type { PersonEvent } from '#contracts/events/directory.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Recorded } from '../decider.ts';
import {
  isUnsettled,
  type Merging,
  mergeToUndo,
  offerOf,
  prepareMerge,
  takesOffer,
  withDeclined,
  withMerge,
  withOffer,
  withoutMerge,
  withoutOffer,
} from '../directory/merging.ts';
import type { PersonState } from './state.ts';

type Data<T extends PersonEvent['type']> = Extract<PersonEvent, { type: T }>['data'];

/** `ownId` is who the command is for. */
export type PersonMergeCommand =
  | { readonly type: 'PreparePersonMerge'; readonly data: Data<'PersonMerged'> & { readonly ownId: string } }
  | { readonly type: 'OfferPersonMerge'; readonly data: Data<'PersonAbsorbed'> & { readonly ownId: string } }
  | { readonly type: 'SettlePersonMerge'; readonly data: Data<'PersonMerged'> & { readonly refusal: 'cycle' | null } }
  | { readonly type: 'ReleasePersonMerge'; readonly data: Pick<Data<'PersonReleased'>, 'mergeId' | 'reason'> }
  | { readonly type: 'UnmergePerson'; readonly data: object };

/** Who works on tickets, or may see all of them, is not merged away: assignments, groups and rights name them. */
const isStaff = ({ roles }: Pick<PersonState, 'roles'>): boolean => roles.some((role) => role !== 'customer');

/**
 * Merging two people that are one, and back, seen from either of them. Refuses with PERSON_MERGED, PERSON_HAS_ROLES,
 * RELATION_TO_ITSELF, RELATION_LIMIT and NOT_MERGED.
 */
export function decidePersonMerge(command: PersonMergeCommand, state: PersonState): PersonEvent[] {
  const { merging } = state;
  switch (command.type) {
    case 'PreparePersonMerge':
      prepareMerge(command.data.ownId, command.data, merging, 'PERSON');
      if (isStaff(state) && isUnsettled(command.data, merging)) throw new AppError('PERSON_HAS_ROLES');
      return [];
    case 'OfferPersonMerge': {
      const { ownId, ...data } = command.data;
      return takesOffer(ownId, data, merging, 'PERSON') ? [{ type: 'PersonAbsorbed', data }] : [];
    }
    case 'SettlePersonMerge': {
      const { refusal, ...data } = command.data;
      if (!isUnsettled(data, merging)) return [];
      const reason = merging.mergedInto ? 'merged' : isStaff(state) ? 'roles' : refusal;
      return reason === null
        ? [{ type: 'PersonMerged', data }]
        : [{ type: 'PersonMergeDeclined', data: { ...data, reason } }];
    }
    case 'ReleasePersonMerge': {
      const offer = offerOf(command.data.mergeId, merging);
      return offer ? [{ type: 'PersonReleased', data: { ...offer, reason: command.data.reason } }] : [];
    }
    case 'UnmergePerson':
      return [{ type: 'PersonUnmerged', data: mergeToUndo(merging) }];
    default:
      return command satisfies never;
  }
}

/** What a person is bound to after an event; the same for events of another kind. */
export function personMergingAfter(merging: Merging, event: Recorded<PersonEvent>): Merging {
  switch (event.type) {
    case 'PersonAbsorbed':
      return withOffer(merging, event.data);
    case 'PersonMerged':
      return withMerge(merging, event.data);
    case 'PersonMergeDeclined':
      return withDeclined(merging, event.data);
    case 'PersonReleased':
      return withoutOffer(merging, event.data);
    case 'PersonUnmerged':
      return withoutMerge(merging);
    default:
      return merging;
  }
}
