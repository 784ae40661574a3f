import { GroupList } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { groupsWithMembers } from '../reads/directory.ts';

export function registerDirectoryReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db } = deps;
  const { preHandler, headers } = reads(deps, 'directory');
  const common = { tags: ['directory'], headers };

  app.get(
    '/v1/groups',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'List groups with their agents',
        response: { 200: GroupList, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async () => {
      const groups = await groupsWithMembers(db);
      const names = new Map(groups.map(({ id, name }) => [id, { id, name }]));
      const items = groups.map(({ escalates_to, id, line, members, name, registered_at, version }) => ({
        id,
        name,
        line,
        escalatesTo:
          escalates_to === null ? null : (names.get(escalates_to) ?? { id: escalates_to, name: escalates_to }),
        members: members.map((member) => ({ id: member.id, name: member.name })),
        registeredAt: registered_at.toISOString(),
        version,
      }));
      return { items };
    },
  );
}
