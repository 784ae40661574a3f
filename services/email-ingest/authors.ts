import type { Kysely } from 'kysely';
import { streams } from '#contracts/events/streams.ts';
import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { ensureMailSystem } from '#packages/commands/mail-system.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { personIdOf } from '#packages/kernel/ids.ts';
import type { MailAddress } from '#packages/mail/parsed-mail.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

export type Author = { readonly personId: string; readonly companyId: string | null; readonly isAgent: boolean };

/** The read model that knows people by all of their addresses. */
export const authorReadModels = ['people'] as const;

/** The people behind mail addresses. */
export function createAuthors(deps: {
  db: Kysely<ReadDatabase>;
  store: EventStore;
  directory: Pick<DirectoryCommands, 'ensurePerson' | 'registerPerson'>;
  mailDomain: string;
}) {
  const { db, directory, mailDomain, store } = deps;

  /** Who has an address; null when nobody has yet. An address that several people have is the one's it was first. */
  const find = async (address: string): Promise<Author | null> => {
    const known = await onReadDb(() =>
      db
        .selectFrom('person_emails')
        .innerJoin('people', 'people.id', 'person_emails.person_id')
        .select('people.id')
        .where('person_emails.email', '=', address)
        .orderBy('people.registered_at')
        .orderBy('people.id')
        .limit(1)
        .executeTakeFirst(),
    );
    const personId = known?.id ?? personIdOf(address);
    const state = fold(person, await store.readStream(streams.person(personId)));
    if (!state.exists) return null;
    return { personId, companyId: state.companyId, isAgent: state.roles.some((role) => servingRoles.has(role)) };
  };

  return {
    find,
    /** Who has an address, registered with their company when new. */
    async ensure({ address, name }: MailAddress, context: CommandContext): Promise<Author> {
      const found = await find(address);
      if (found) return found;
      const made = await directory.ensurePerson({ address, name, origin: 'mail' }, stepOf(context, 'author'));
      const { companyId, personId, roles } = made;
      return { personId, companyId, isAgent: roles.some((role) => servingRoles.has(role)) };
    },
    /** Who reports that a mail of the desk could not be delivered: no customer, whichever server it was. */
    async mailSystem(context: CommandContext): Promise<Author> {
      const personId = await ensureMailSystem(directory, mailDomain, context);
      return { personId, companyId: null, isAgent: true };
    },
  };
}

export type Authors = ReturnType<typeof createAuthors>;
