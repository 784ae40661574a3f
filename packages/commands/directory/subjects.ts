import { streams } from '#contracts/events/streams.ts';
import { type CompanyState, company } from '#packages/domain/company/company.ts';
import { fold } from '#packages/domain/decider.ts';
import type { Holding } from '#packages/domain/directory/holding.ts';
import type { Merging } from '#packages/domain/directory/merging.ts';
import type { PersonState } from '#packages/domain/person/state.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';

type Store = Pick<EventStore, 'readStream'>;

/** A person or a company from its stream: what both have in common. Of nobody, `exists` is false. */
export type Subject<State = unknown> = Holding & {
  readonly id: string;
  readonly exists: boolean;
  readonly state: State;
  readonly merging: Merging;
  readonly events: readonly StoredEvent[];
};
export type ReadSubject<S extends Subject = Subject> = (id: string) => Promise<S>;

/** More than these are not read for one question: what people merge stays far below. */
const maxRead = 500;

export const readPeople =
  (store: Store): ReadSubject<Subject<PersonState>> =>
  async (id) => {
    const events = await store.readStream(streams.person(id));
    const state = fold(person, events);
    const { claims, emails: held, exists, merging } = state;
    return { id, exists, held, claims, merging, events, state };
  };

export const readCompanies =
  (store: Store): ReadSubject<Subject<CompanyState>> =>
  async (id) => {
    const events = await store.readStream(streams.company(id));
    const state = fold(company, events);
    const { claims, domains: held, exists, merging } = state;
    return { id, exists, held, claims, merging, events, state };
  };

/** Who goes on for somebody who was merged, however often; they themselves when they were not. */
export async function survivorOf<S extends Subject>(read: ReadSubject<S>, id: string): Promise<S> {
  let current = await read(id);
  for (let step = 0; step < maxRead && current.merging.mergedInto; step += 1)
    current = await read(current.merging.mergedInto.into);
  return current;
}

/** The company as which one goes on: another one where it was merged. */
export const companyNow = async (store: Store, companyId: string | null): Promise<string | null> =>
  companyId === null ? null : (await survivorOf(readCompanies(store), companyId)).id;

type Bound = { readonly mergeId: string };

/** The other one holds to the merge. */
export const isMergedBy = ({ mergeId }: Bound, { merging }: Subject): boolean =>
  merging.mergedInto?.mergeId === mergeId;
/** The same, or it may still come to that. */
export const isBound = (bound: Bound, other: Subject): boolean =>
  isMergedBy(bound, other) || !other.merging.settled.includes(bound.mergeId);

/** Everybody merged into somebody, directly or by way of another; each once, however they lead round. */
export async function absorbedBy<S extends Subject>(
  read: ReadSubject<S>,
  from: S,
  counts: (bound: Bound, other: Subject) => boolean = isMergedBy,
): Promise<readonly S[]> {
  const found = new Map([[from.id, from]]);
  for (const one of found.values()) {
    if (found.size >= maxRead) break;
    for (const bound of one.merging.absorbed) {
      if (found.has(bound.from)) continue;
      const other = await read(bound.from);
      // A map gives what is put into it meanwhile, too.
      if (counts(bound, other)) found.set(other.id, other);
    }
  }
  return [...found.values()].slice(1);
}

/** Who somebody is: the one who goes on, and with them all who were merged into them. */
export async function identityOf<S extends Subject>(read: ReadSubject<S>, id: string): Promise<readonly [S, ...S[]]> {
  const survivor = await survivorOf(read, id);
  return [survivor, ...(await absorbedBy(read, survivor))];
}
