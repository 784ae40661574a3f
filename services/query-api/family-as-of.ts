import {
  absorbedOf,
  type FoundTicket,
  type Happened,
  isChildBy,
  readTicket,
  survivorOf,
} from '#packages/commands/relations/related-tickets.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { QueryApiDeps } from './deps.ts';
import { type Family, followUpRows, linkRows, linkSeenFrom, type Relative } from './reads/family.ts';
import { readable } from './redactions.ts';

const relative = ({ id, state: { number, status, subject } }: FoundTicket): Relative => ({
  id,
  number,
  status,
  subject,
});

/** The family of a ticket at a moment, from the log; and the events of those merged into it, and of the survivor. */
export async function familyAsOf(
  { db, store }: QueryApiDeps,
  id: string,
  happened: Happened,
): Promise<{
  readonly family: Family;
  readonly own: readonly StoredEvent[];
  readonly others: readonly (readonly StoredEvent[])[];
} | null> {
  const self = await readTicket(store, id, happened);
  if (self === null) return null;
  const find = async (other: string | undefined): Promise<Relative | null> => {
    const found = other === undefined ? null : await readTicket(store, other, happened);
    return found && relative(found);
  };
  const { relations, setAside } = self.state;
  const merged = setAside?.kind === 'merged' ? setAside.into : undefined;
  const survivor = merged === undefined ? null : await survivorOf(store, self, happened);
  const absorbed = await absorbedOf(store, self, happened);
  const children = await Promise.all(
    relations.children.map(async (child) => {
      const found = await readTicket(store, child.ticketId, happened);
      return found && isChildBy(child, found.state) && found.state.setAside === null ? [relative(found)] : [];
    }),
  );
  const [created] = self.events;
  const followUps = await Promise.all((await followUpRows(db, id)).map((each) => find(each.id)));
  const links = (await linkRows(db, id))
    .filter((link) => happened(at(link.linked_position, link.linked_at)))
    .filter(
      ({ unlinked_at, unlinked_position }) =>
        unlinked_at === null || unlinked_position === null || !happened(at(unlinked_position, unlinked_at)),
    )
    .map((link) => linkSeenFrom(id, link));
  const family: Family = {
    mergedInto: await find(merged),
    survivor: survivor && relative(survivor),
    absorbed: absorbed
      .map((it) => ({ ...relative(it), into: it.above, requesterId: it.state.requesterId }))
      .toSorted((a, b) => a.number - b.number),
    links: (
      await Promise.all(
        links.map(async ({ kind, other }) => {
          const ticket = await find(other);
          return ticket ? [{ kind, ticket }] : [];
        }),
      )
    ).flat(),
    parent: await find(relations.parent?.ticketId),
    children: children.flat().toSorted((a, b) => a.number - b.number),
    followUpOf: await find(created?.type === 'TicketCreated' ? (created.data.followUpOf ?? undefined) : undefined),
    followUps: followUps.filter((each) => each !== null),
  };
  const others = [...absorbed, ...(survivor ? [survivor] : [])].map(({ events }) => readable(db, events));
  return { family, own: await readable(db, self.events), others: await Promise.all(others) };
}

const at = (position: bigint, when: Date) => ({ position, metadata: { at: when.toISOString() } }) as const;
