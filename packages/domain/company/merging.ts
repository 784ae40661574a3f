import type { CompanyEvent } from '#contracts/events/directory.ts';
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

type Data<T extends CompanyEvent['type']> = Extract<CompanyEvent, { type: T }>['data'];

/** `ownId` is the company that the command is for. */
export type CompanyMergeCommand =
  | { readonly type: 'PrepareCompanyMerge'; readonly data: Data<'CompanyMerged'> & { readonly ownId: string } }
  | { readonly type: 'OfferCompanyMerge'; readonly data: Data<'CompanyAbsorbed'> & { readonly ownId: string } }
  | { readonly type: 'SettleCompanyMerge'; readonly data: Data<'CompanyMerged'> & { readonly refusal: 'cycle' | null } }
  | { readonly type: 'ReleaseCompanyMerge'; readonly data: Pick<Data<'CompanyReleased'>, 'mergeId' | 'reason'> }
  | { readonly type: 'UnmergeCompany'; readonly data: object };

/**
 * Merging two companies that are one, and back, seen from either of them. Refuses with COMPANY_MERGED,
 * RELATION_TO_ITSELF, RELATION_LIMIT and NOT_MERGED.
 */
export function decideCompanyMerge(command: CompanyMergeCommand, merging: Merging): CompanyEvent[] {
  switch (command.type) {
    case 'PrepareCompanyMerge':
      prepareMerge(command.data.ownId, command.data, merging, 'COMPANY');
      return [];
    case 'OfferCompanyMerge': {
      const { ownId, ...data } = command.data;
      return takesOffer(ownId, data, merging, 'COMPANY') ? [{ type: 'CompanyAbsorbed', data }] : [];
    }
    case 'SettleCompanyMerge': {
      const { refusal, ...data } = command.data;
      if (!isUnsettled(data, merging)) return [];
      const reason = merging.mergedInto ? 'merged' : refusal;
      return reason === null
        ? [{ type: 'CompanyMerged', data }]
        : [{ type: 'CompanyMergeDeclined', data: { ...data, reason } }];
    }
    case 'ReleaseCompanyMerge': {
      const offer = offerOf(command.data.mergeId, merging);
      return offer ? [{ type: 'CompanyReleased', data: { ...offer, reason: command.data.reason } }] : [];
    }
    case 'UnmergeCompany':
      return [{ type: 'CompanyUnmerged', data: mergeToUndo(merging) }];
    default:
      return command satisfies never;
  }
}

/** What a company is bound to after an event; the same for events of another kind. */
export function companyMergingAfter(merging: Merging, event: Recorded<CompanyEvent>): Merging {
  switch (event.type) {
    case 'CompanyAbsorbed':
      return withOffer(merging, event.data);
    case 'CompanyMerged':
      return withMerge(merging, event.data);
    case 'CompanyMergeDeclined':
      return withDeclined(merging, event.data);
    case 'CompanyReleased':
      return withoutOffer(merging, event.data);
    case 'CompanyUnmerged':
      return withoutMerge(merging);
    default:
      return merging;
  }
}
