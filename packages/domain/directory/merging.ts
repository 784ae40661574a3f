import { AppError } from '#packages/kernel/errors.ts';

/** What binds people that are one, or companies, as one of them sees it. */
export type Merging = {
  /** Who goes on in their place; null: they do themselves. */
  readonly mergedInto: { readonly mergeId: string; readonly into: string } | null;
  /** Offers, and merges that came about: only the other's word tells which. */
  readonly absorbed: readonly { readonly mergeId: string; readonly from: string }[];
  /** Offers ever taken, and merges ever settled, by id: what is done twice is done once. */
  readonly taken: readonly string[];
  readonly settled: readonly string[];
};

export const unmerged: Merging = { mergedInto: null, absorbed: [], taken: [], settled: [] };

/** Each is read whenever who goes on is. */
export const maxAbsorbed = 50;

type Into = { readonly mergeId: string; readonly into: string };
type From = { readonly mergeId: string; readonly from: string };
type Kind = 'PERSON' | 'COMPANY';

/** Throws PERSON_MERGED or COMPANY_MERGED, with the id of who goes on. */
export function refuseMerged({ mergedInto }: Merging, kind: Kind): void {
  if (mergedInto) throw new AppError(`${kind}_MERGED`, { extra: { into: mergedInto.into } });
}

/** Throws unless a merge may be begun: PERSON_MERGED or COMPANY_MERGED, RELATION_TO_ITSELF. */
export function prepareMerge(ownId: string, { into, mergeId }: Into, merging: Merging, kind: Kind): void {
  if (merging.settled.includes(mergeId)) return;
  refuseMerged(merging, kind);
  refuseItself(ownId, into);
}

/** Whether an offer is new. Throws PERSON_MERGED or COMPANY_MERGED, RELATION_TO_ITSELF and RELATION_LIMIT. */
export function takesOffer(ownId: string, { from, mergeId }: From, merging: Merging, kind: Kind): boolean {
  if (merging.taken.includes(mergeId)) return false;
  refuseItself(ownId, from);
  refuseMerged(merging, kind);
  if (merging.absorbed.length >= maxAbsorbed) throw new AppError('RELATION_LIMIT', { extra: { max: maxAbsorbed } });
  return true;
}

/** True for a merge that is still to be settled, one way or the other. */
export const isUnsettled = ({ mergeId }: Into, { settled }: Merging): boolean => !settled.includes(mergeId);

/** The offer that is to be taken from the list, if it is there. */
export const offerOf = (mergeId: string, { absorbed }: Merging): From | undefined =>
  absorbed.find((each) => each.mergeId === mergeId);

/** The merge that is to be taken back. Throws NOT_MERGED. */
export function mergeToUndo({ mergedInto }: Merging): Into {
  if (!mergedInto) throw new AppError('NOT_MERGED');
  return mergedInto;
}

function refuseItself(id: string, other: string): void {
  if (id === other)
    throw new AppError('RELATION_TO_ITSELF', { fields: [{ pointer: '/into', detail: 'is the same one' }] });
}

export const withOffer = (merging: Merging, { from, mergeId }: From): Merging => ({
  ...merging,
  absorbed: [...merging.absorbed, { mergeId, from }],
  taken: [...merging.taken, mergeId],
});
export const withMerge = (merging: Merging, { into, mergeId }: Into): Merging => ({
  ...merging,
  mergedInto: { mergeId, into },
  settled: [...merging.settled, mergeId],
});
export const withDeclined = (merging: Merging, { mergeId }: Pick<Into, 'mergeId'>): Merging => ({
  ...merging,
  settled: [...merging.settled, mergeId],
});
export const withoutOffer = (merging: Merging, { mergeId }: Pick<From, 'mergeId'>): Merging => ({
  ...merging,
  absorbed: merging.absorbed.filter((each) => each.mergeId !== mergeId),
});
export const withoutMerge = (merging: Merging): Merging => ({ ...merging, mergedInto: null });
