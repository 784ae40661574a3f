import { streams } from '#contracts/events/streams.ts';
import type { Role } from '#contracts/primitives.ts';
import type { CommandContext } from '#packages/commands/context.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { Position } from '#packages/event-store/port.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';
import type { Platform } from '#packages/runtime/platform.ts';

type Wanted = { readonly role: Role; readonly email: string; readonly label: string };
type Made = { readonly token: string; readonly personId: string; readonly position: Position };

/** Makes a token of a role for the person of a mail address, who is registered and given the role when need be. */
export async function makeToken(platform: Platform, wanted: Wanted): Promise<Made> {
  const { duplicate: _, ...made } = await issue(platform, wanted, newId());
  return made;
}

/** The token by which a new desk's operator gets in: made once in the life of a log, null ever after. */
export async function firstAdminToken(platform: Platform, email: string): Promise<Made | null> {
  const { duplicate, ...made } = await issue(
    platform,
    { role: 'admin', email, label: 'first admin token' },
    idFrom('first-admin-token'),
  );
  return duplicate ? null : made;
}

async function issue({ commands: { directory }, store }: Platform, { email, label, role }: Wanted, commandId: string) {
  const context = (step?: string): CommandContext => ({
    commandId: step ? idFrom(commandId, step) : commandId,
    actor: { kind: 'service', id: 'cli' },
    source: 'cli',
    correlationId: commandId,
    causationId: null,
  });
  const name = `${role.charAt(0).toUpperCase()}${role.slice(1)}`;
  const registered = { name, emails: [email], roles: [role], companyId: null, origin: 'cli' } as const;
  const { personId } = await directory.registerPerson(registered, context('person'));
  const { roles } = fold(person, await store.readStream(streams.person(personId)));
  if (!roles.includes(role)) await directory.changeRoles(personId, [...roles, role], context('roles'));
  const { duplicate, position, token } = await directory.issueToken(
    { personId, role, label, expiresAt: null },
    context(),
  );
  return { token, personId, position, duplicate };
}
