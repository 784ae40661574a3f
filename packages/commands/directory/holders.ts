import type { ProblemCode } from '#contracts/problems.ts';
import { holderOf } from '#packages/domain/directory/holding.ts';
import type { Position, StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { retry } from '#packages/kernel/retry.ts';
import { type CommandContext, stepOf } from '../context.ts';
import { type ReadSubject, survivorOf } from './subjects.ts';

/** A claim is looked at again when its holder was changed: as a rule whoever has claimed it adds it at this very moment. */
const beside = {
  ...{ attempts: 8, minMs: 20, maxMs: 200 },
  retryable: (error: unknown): boolean => isAppError(error, 'VERSION_CONFLICT'),
};

/** Why somebody may not take what they have claimed any more: then nobody has it. */
const final: ReadonlySet<ProblemCode> = new Set([
  'PERSON_MERGED',
  'COMPANY_MERGED',
  'EMAIL_TAKEN',
  'DOMAIN_TAKEN',
  'TOO_MANY_EMAILS',
  'TOO_MANY_DOMAINS',
]);

/** True for an event by which somebody got a name. */
const gives = ({ data, type }: StoredEvent, name: string): boolean =>
  ((type === 'PersonEmailsChanged' || type === 'CompanyDomainsChanged') && data.added.includes(name)) ||
  (type === 'PersonRegistered' && data.emails.includes(name)) ||
  (type === 'CompanyRegistered' && data.domains.includes(name));

/**
 * True for an event by which services/relations gave what one of these names was claimed for: it works beside the command
 * that has claimed them, which is not to be refused for that.
 */
export const isAheadWith =
  (names: readonly string[]) =>
  ({ data, metadata, type }: StoredEvent): boolean =>
    metadata.actor.kind === 'service' &&
    (type === 'PersonEmailsChanged' || type === 'CompanyDomainsChanged') &&
    data.removed.length === 0 &&
    data.added.every((name) => names.includes(name));

/** What mail addresses of people and mail domains of companies differ in. */
export type HolderDeps = {
  readonly read: ReadSubject;
  /** The id that follows from a name: on its stream it is settled who has the name. */
  readonly idOf: (name: string) => string;
  /** Ids of those who have a name as far as the read model knows. */
  readonly known: (name: string) => Promise<readonly string[]>;
  readonly taken: ProblemCode;
  /** Claims on, or releases from, the stream of the name's id. */
  claim(name: string, holder: string, context: CommandContext): Promise<unknown>;
  release(name: string, holder: string, context: CommandContext): Promise<unknown>;
  /** Adds a name to what its holder has, provided that nothing has happened to them since that version. */
  add(holder: string, name: string, context: CommandContext & { expectedVersion: number }): Promise<unknown>;
};

/**
 * Who has a name that only one may have. A name is claimed first and then added, or removed first and then released; what a
 * crash leaves half done is completed by services/relations. Whoever claims a name meets all others on one stream.
 */
export function createHolders({ add, claim, idOf, known, read, release, taken }: HolderDeps) {
  /** Who has a name, who may have been merged into somebody; null: nobody. */
  const holder = async (name: string): Promise<string | null> => {
    const settled = holderOf(name, await read(idOf(name)), idOf(name));
    if (settled !== null) return settled;
    // Further names of those who were registered before names were claimed are in their own streams alone.
    for (const id of await known(name)) if ((await read(id)).held.includes(name)) return id;
    return null;
  };

  /** Throws the code, with who has the name, unless it is free or theirs. */
  const refuseTaken = async (name: string, id: string, pointer: string): Promise<void> => {
    const present = await holder(name);
    if (present === null || present === id) return;
    const { id: by } = await survivorOf(read, present);
    // Of somebody merged into them it is theirs in effect, and comes back to its own when that is undone.
    const extra = { id: by === id ? present : by };
    throw new AppError(taken, { extra, fields: [{ pointer, detail: `${name} is somebody else’s` }] });
  };

  /** Claims one name for its holder; true when that left an event to take back. */
  const claimOne = async (name: string, id: string, context: CommandContext): Promise<boolean> => {
    const own = await read(idOf(name));
    if (own.id === id || holderOf(name, own, own.id) === id) return false;
    // The version makes it another command when the same caller comes back after a release.
    await claim(name, id, stepOf(context, `claim ${name} ${own.events.length}`));
    return true;
  };

  const releaseAll = async (names: readonly string[], id: string, context: CommandContext): Promise<void> => {
    for (const name of names) {
      const own = await read(idOf(name));
      if (own.id === id || (await read(id)).held.includes(name)) continue;
      await release(name, id, stepOf(context, `release ${name} ${own.events.length}`));
    }
  };

  const addClaimed = async (name: string, id: string, since: Position, context: CommandContext): Promise<void> => {
    const [own, its] = await Promise.all([read(idOf(name)), read(id)]);
    const given = its.events.some((event) => event.position > since && gives(event, name));
    if (holderOf(name, own, own.id) !== id || !its.exists || given) return;
    const expectedVersion = its.events.length;
    try {
      await add(id, name, { ...stepOf(context, `add ${name} ${expectedVersion}`), expectedVersion });
    } catch (error) {
      if (!isAppError(error) || !final.has(error.code)) throw error;
      await releaseAll([name], id, context);
    }
  };

  return {
    holder,
    releaseAll,
    /** Claims names for somebody and does what adds them; when that, or `check` before, is refused, nothing stays claimed. */
    async withClaims<T>(
      names: readonly string[],
      id: string,
      {
        act,
        check,
        context,
        pointer,
      }: { act: () => Promise<T>; check?: () => unknown; context: CommandContext; pointer: string },
    ): Promise<T> {
      for (const [index, name] of names.entries()) await refuseTaken(name, id, `${pointer}/${index}`);
      check?.();
      const claimed: string[] = [];
      try {
        for (const name of names) if (await claimOne(name, id, context)) claimed.push(name);
        return await act();
      } catch (error) {
        await releaseAll(claimed, id, context);
        throw error;
      }
    },
    /**
     * Adds a name that was claimed to what its holder has, unless they are not registered, or got it after the claim: they may
     * be about to release it.
     */
    completeClaim: (name: string, id: string, since: Position, context: CommandContext): Promise<void> =>
      retry(() => addClaimed(name, id, since, context), beside),
  };
}

export type Holders = ReturnType<typeof createHolders>;
