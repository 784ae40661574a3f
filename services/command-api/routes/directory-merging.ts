import { DirectoryMergeBody } from '#contracts/api/people.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { refuseStaff, registerDirectoryChange } from '../directory-change.ts';

const bound = ['RELATION_TO_ITSELF', 'RELATION_CYCLE', 'RELATION_LIMIT'] as const;

/** Merging of people who are one, and of companies; each can be taken back. */
export function registerDirectoryMerging(app: HttpServer, deps: CommandApiDeps): void {
  const { companies, people } = deps.directory;

  registerDirectoryChange(app, deps, {
    kind: 'people',
    method: 'PUT',
    path: '/merge',
    commands: ['PreparePersonMerge', 'OfferPersonMerge', 'SettlePersonMerge', 'ReleasePersonMerge'],
    summary: 'Merge a person into another one who is the same',
    description:
      'The other one goes on: tickets, addresses and numbers of both are theirs, mail from either is theirs, and tokens of ' +
      'either act for them. Nothing is rewritten, and everything can be taken back. Who has roles besides customer has to ' +
      'lose them first. Agents merge customers.',
    body: DirectoryMergeBody,
    refusals: ['PERSON_HAS_ROLES', ...bound],
    change: async ({ id, body: { into }, principal, context }) => {
      await refuseStaff(deps, into, principal);
      return people.merging.merge(id, into, context);
    },
  });

  registerDirectoryChange(app, deps, {
    kind: 'people',
    method: 'DELETE',
    path: '/merge',
    commands: ['UnmergePerson', 'ReleasePersonMerge'],
    summary: 'Take a merge of people back',
    description: 'Leaves both as if they had never been merged; what has happened since stays where it happened.',
    refusals: ['NOT_MERGED'],
    change: ({ id, context }) => people.merging.unmerge(id, context),
  });

  registerDirectoryChange(app, deps, {
    kind: 'companies',
    method: 'PUT',
    path: '/merge',
    commands: ['PrepareCompanyMerge', 'OfferCompanyMerge', 'SettleCompanyMerge', 'ReleaseCompanyMerge'],
    summary: 'Merge a company into another one which is the same',
    description:
      'The other one goes on: people, tickets and mail domains of both are its own. Nothing is rewritten, and everything ' +
      'can be taken back. Rules and SLA policies that name the merged company do not name the other one by that.',
    access: ['supervisor', 'admin'],
    body: DirectoryMergeBody,
    refusals: bound,
    change: ({ id, body: { into }, context }) => companies.merging.merge(id, into, context),
  });

  registerDirectoryChange(app, deps, {
    kind: 'companies',
    method: 'DELETE',
    path: '/merge',
    commands: ['UnmergeCompany', 'ReleaseCompanyMerge'],
    summary: 'Take a merge of companies back',
    description: 'Leaves both as if they had never been merged; what has happened since stays where it happened.',
    access: ['supervisor', 'admin'],
    refusals: ['NOT_MERGED'],
    change: ({ id, context }) => companies.merging.unmerge(id, context),
  });
}
