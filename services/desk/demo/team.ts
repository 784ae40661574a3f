import type { Static } from 'typebox';
import type { GroupList, Person } from '#contracts/api/directory.ts';
import { firstGroups } from '#packages/commands/seed.ts';
import type { Client } from './client.ts';

export type Team = { readonly agents: readonly { id: string; name: string }[]; readonly token: string };

/**
 * The agents of the demo, registered over REST as an admin would do it, and a token for the first of them. The keys make
 * it one team however often the demo is played on the same data.
 */
export async function assembleTeam(
  client: Client,
  { mailDomain, run }: { mailDomain: string; run: string },
): Promise<Team> {
  const members = [
    { name: 'Anna Keller', email: `anna@${mailDomain}`, group: firstGroups.support },
    { name: 'Ben Osei', email: `ben@${mailDomain}`, group: firstGroups.support },
    { name: 'Clara Duarte', email: `clara@${mailDomain}`, group: firstGroups.billing },
  ];
  const agents: { id: string; name: string }[] = [];
  for (const { email, group, name } of members) {
    const person = { name, emails: [email], roles: ['agent'] } satisfies Pick<Person, 'name' | 'emails' | 'roles'>;
    const { body } = await client.send<{ id: string }>('POST', '/v1/people', person, {
      'idempotency-key': `demo-${email}`,
    });
    await client.send('PUT', `/v1/groups/${group.groupId}/members/${body.id}`, {});
    agents.push({ id: body.id, name });
  }
  const [first] = agents;
  if (!first) throw new Error('the demo has no agents');
  const { body } = await client.send<{ token: string }>('POST', `/v1/people/${first.id}/tokens`, {
    role: 'agent',
    label: `demo ${run}`,
  });
  // Routing reads the read model of groups: the first mail should meet the whole team.
  await client.until('groups have their members', '/v1/groups', ({ items }: Static<typeof GroupList>) =>
    agents.every(({ id }) => items.some((group) => group.members.some((member) => member.id === id))) ? true : null,
  );
  return { agents, token: body.token };
}
