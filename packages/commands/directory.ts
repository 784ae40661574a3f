import { createHash, randomBytes } from 'node:crypto';
import type { Phone } from '#contracts/events/person-details.ts';
import { streams } from '#contracts/events/streams.ts';
import type { Role } from '#contracts/primitives.ts';
import { company } from '#packages/domain/company.ts';
import { group, noGroupFacts } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { Position } from '#packages/event-store/port.ts';
import { companyIdOf, idFrom, newId, personIdOf } from '#packages/kernel/ids.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf, stepOf } from './context.ts';
import type { DirectoryFacts } from './directory-facts.ts';

type Origin = 'mail' | 'api' | 'cli' | 'seed';

/** What the log and the read model keep of an API token: its SHA-256. 256 random bits need no salt. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The write side of people, companies, groups and API tokens. Registering what exists changes nothing. */
export function createDirectoryCommands(deps: { handle: CommandHandler; directory: DirectoryFacts }) {
  const runPerson = commandsOf(deps.handle, person);
  const runCompany = commandsOf(deps.handle, company);
  const runGroup = commandsOf(deps.handle, group);
  const none = () => undefined;

  /** The company of a mail domain, made when new; null for free-mail domains, which say nothing about an employer. */
  const ensureCompany = async (address: string, context: CommandContext): Promise<string | null> => {
    const domain = companyDomain(address);
    if (domain === null) return null;
    const companyId = companyIdOf(domain);
    const command = { type: 'RegisterCompany', data: { name: domain, domains: [domain] } } as const;
    await runCompany(streams.company(companyId), command, stepOf(context, 'company'), none);
    return companyId;
  };

  return {
    /**
     * The person of a mail address (normalised, lower case), registered inside their company when new. Ids follow
     * from address and domain, so two mails racing in meet in one stream.
     */
    async ensurePerson(
      input: { address: string; name: string | null; origin: Origin },
      context: CommandContext,
    ): Promise<{
      personId: string;
      companyId: string | null;
      name: string;
      roles: readonly Role[];
      position: Position;
    }> {
      const companyId = await ensureCompany(input.address, context);
      const personId = personIdOf(input.address);
      const done = await runPerson(
        streams.person(personId),
        {
          type: 'RegisterPerson',
          data: {
            name: (input.name?.trim() || input.address).slice(0, 200),
            emails: [input.address],
            companyId,
            roles: ['customer'],
            origin: input.origin,
          },
        },
        stepOf(context, 'person'),
        none,
      );
      return {
        personId,
        companyId: done.state.companyId,
        name: done.state.name,
        roles: done.state.roles,
        position: done.position,
      };
    },

    /** Registers somebody with roles. The id follows from the first address, or is new for people without one. */
    async registerPerson(
      input: {
        name: string;
        emails: readonly string[];
        phones?: readonly Phone[];
        roles: readonly Role[];
        companyId: string | null;
        origin: Origin;
      },
      context: CommandContext,
    ): Promise<Outcome & { personId: string }> {
      const [address] = input.emails;
      const personId = address ? personIdOf(address) : idFrom('person', context.commandId);
      const { emails, phones, roles, ...rest } = input;
      const data = { ...rest, emails: [...emails], roles: [...roles], ...(phones?.length && { phones: [...phones] }) };
      const done = await runPerson(streams.person(personId), { type: 'RegisterPerson', data }, context, none);
      return { ...outcomeOf(done), personId };
    },

    ensureCompany,
    /** Registers a company. The id follows from the first mail domain, or is new for one without. */
    async registerCompany(
      data: { name: string; domains: readonly string[] },
      context: CommandContext,
    ): Promise<Outcome & { companyId: string }> {
      const [domain] = data.domains;
      const companyId = domain === undefined ? idFrom('company', context.commandId) : companyIdOf(domain);
      const done = await runCompany(streams.company(companyId), { type: 'RegisterCompany', data }, context, none);
      return { ...outcomeOf(done), companyId };
    },

    async changeRoles(personId: string, roles: readonly Role[], context: CommandContext): Promise<Outcome> {
      return outcomeOf(
        await runPerson(streams.person(personId), { type: 'ChangeRoles', data: { roles: [...roles] } }, context, none),
      );
    },

    /** Makes an API token for a role the person holds. The token itself is in the answer only, never in the log. */
    async issueToken(
      input: { personId: string; role: Role; label: string; expiresAt: string | null },
      context: CommandContext,
    ): Promise<Outcome & { token: string; tokenId: string }> {
      const token = `desk_${randomBytes(32).toString('base64url')}`;
      const { personId, ...rest } = input;
      const data = { ...rest, tokenId: newId(), hash: tokenHash(token) };
      const done = await runPerson(streams.person(personId), { type: 'IssueToken', data }, context, none);
      return { ...outcomeOf(done), token, tokenId: data.tokenId };
    },

    async revokeToken(personId: string, tokenId: string, context: CommandContext): Promise<Outcome> {
      return outcomeOf(
        await runPerson(streams.person(personId), { type: 'RevokeToken', data: { tokenId } }, context, none),
      );
    },

    async registerGroup(
      input: { groupId?: string; name: string },
      context: CommandContext,
    ): Promise<Outcome & { groupId: string }> {
      const groupId = input.groupId ?? idFrom('group', context.commandId);
      const command = { type: 'RegisterGroup', data: { name: input.name } } as const;
      return {
        ...outcomeOf(await runGroup(streams.group(groupId), command, context, () => noGroupFacts)),
        groupId,
      };
    },

    /** Rejects with UNKNOWN_AGENT when the person may not work on tickets. */
    async addMember(groupId: string, personId: string, context: CommandContext): Promise<Outcome> {
      const agent = await deps.directory.isAgent(personId);
      const command = { type: 'AddMember', data: { personId } } as const;
      return outcomeOf(
        await runGroup(streams.group(groupId), command, context, () => ({
          ...noGroupFacts,
          isAgent: (id) => id === personId && agent,
        })),
      );
    },

    async removeMember(groupId: string, personId: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'RemoveMember', data: { personId } } as const;
      return outcomeOf(await runGroup(streams.group(groupId), command, context, () => noGroupFacts));
    },
  };
}

export type DirectoryCommands = ReturnType<typeof createDirectoryCommands>;
