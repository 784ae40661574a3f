import { type CommandContext, stepOf } from './context.ts';
import type { DirectoryCommands } from './directory.ts';

/**
 * The person who reports on tickets that a mail of the desk could not be delivered, registered when new.
 * @returns the id of the person
 */
export async function ensureMailSystem(
  directory: Pick<DirectoryCommands, 'registerPerson'>,
  mailDomain: string,
  context: CommandContext,
): Promise<string> {
  const { personId } = await directory.registerPerson(
    { name: 'Mail system', emails: [`mailer-daemon@${mailDomain}`], roles: [], companyId: null, origin: 'mail' },
    stepOf(context, 'mail-system'),
  );
  return personId;
}
