import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import type { KnownPerson } from '#packages/commands/directory/people.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { ensureMailSystem } from '#packages/commands/mail-system.ts';
import type { MailAddress } from '#packages/mail/parsed-mail.ts';

export type Author = { readonly personId: string; readonly companyId: string | null; readonly isAgent: boolean };

/** The read model that knows people by all of their addresses. */
export const authorReadModels = ['people'] as const;

const authorOf = ({ companyId, personId, roles }: KnownPerson): Author => ({
  personId,
  companyId,
  isAgent: roles.some((role) => servingRoles.has(role)),
});

/** The people behind mail addresses. */
export function createAuthors({
  directory,
  mailDomain,
}: {
  directory: Pick<DirectoryCommands, 'ensurePerson' | 'findByAddress' | 'registerPerson'>;
  mailDomain: string;
}) {
  return {
    /** Who has an address; null when nobody has yet. */
    async find(address: string): Promise<Author | null> {
      const found = await directory.findByAddress(address);
      return found && authorOf(found);
    },
    /** Who has an address, registered with their company when new. */
    async ensure({ address, name }: MailAddress, context: CommandContext): Promise<Author> {
      return authorOf(await directory.ensurePerson({ address, name, origin: 'mail' }, stepOf(context, 'author')));
    },
    /** Who reports that a mail of the desk could not be delivered: no customer, whichever server it was. */
    async mailSystem(context: CommandContext): Promise<Author> {
      const personId = await ensureMailSystem(directory, mailDomain, context);
      return { personId, companyId: null, isAgent: true };
    },
  };
}

export type Authors = ReturnType<typeof createAuthors>;
