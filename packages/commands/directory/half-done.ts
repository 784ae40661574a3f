import type { EventType } from '#contracts/events/all.ts';
import { idOf } from '#contracts/events/streams.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { CommandContext } from '../context.ts';
import type { DirectoryCommands } from '../directory.ts';

/** Events after which a second person or company has something to do. */
export const halfDoneInDirectory = [
  'PersonAddressClaimed',
  'PersonEmailsChanged',
  'PersonAbsorbed',
  'PersonMergeDeclined',
  'PersonUnmerged',
  'CompanyDomainClaimed',
  'CompanyDomainsChanged',
  'CompanyAbsorbed',
  'CompanyMergeDeclined',
  'CompanyUnmerged',
] as const satisfies readonly EventType[];

/**
 * Does what is left to do after an event of `halfDoneInDirectory`, nothing when its command has come to its end: a claimed
 * address is added, a removed one released, an offered merge settled, the offer of one that is no more taken back.
 */
export async function completeInDirectory(
  { companies, people }: Pick<DirectoryCommands, 'companies' | 'people'>,
  event: StoredEvent,
  context: CommandContext,
): Promise<void> {
  const id = idOf(event.stream);
  switch (event.type) {
    case 'PersonAddressClaimed':
      return people.holders.completeClaim(event.data.address, event.data.personId, event.position, context);
    case 'PersonEmailsChanged':
      return people.holders.releaseAll(event.data.removed, id, context);
    case 'PersonAbsorbed':
      return people.merging.complete({ mergeId: event.data.mergeId, from: event.data.from, into: id }, context);
    case 'CompanyDomainClaimed':
      return companies.holders.completeClaim(event.data.domain, event.data.companyId, event.position, context);
    case 'CompanyDomainsChanged':
      return companies.holders.releaseAll(event.data.removed, id, context);
    case 'CompanyAbsorbed':
      return companies.merging.complete({ mergeId: event.data.mergeId, from: event.data.from, into: id }, context);
    case 'PersonMergeDeclined':
    case 'PersonUnmerged':
    case 'CompanyMergeDeclined':
    case 'CompanyUnmerged': {
      const { into, mergeId } = event.data;
      const reason = event.type.endsWith('Unmerged') ? 'unmerged' : 'declined';
      const { merging } = event.type.startsWith('Person') ? people : companies;
      await merging.letGo(into, mergeId, reason, context);
      return;
    }
    default:
  }
}
