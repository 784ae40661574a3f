import type { BlobStore } from '#packages/blob-store/port.ts';
import type { AgentCommands } from '#packages/commands/agents.ts';
import type { ArticleCommands } from '#packages/commands/articles.ts';
import type { BulkCommands } from '#packages/commands/bulk.ts';
import type { CallCommands } from '#packages/commands/calls.ts';
import type { DirectoryCommands } from '#packages/commands/directory.ts';
import type { GroupCommands } from '#packages/commands/groups.ts';
import type { MacroCommands } from '#packages/commands/macros.ts';
import type { RelationCommands } from '#packages/commands/relations/relations.ts';
import type { SettingCommands } from '#packages/commands/settings.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { Presence } from '#packages/presence/presence.ts';
import type { FindTicket } from '#packages/read-db/find-ticket.ts';
import type { SelectTickets } from '#packages/read-db/select-tickets.ts';
import type { ReplyDrafts } from '#packages/reply-drafts/reply-drafts.ts';

/** What the command side of the API stands on. */
export type CommandApiDeps = {
  readonly tickets: TicketCommands;
  readonly articles: ArticleCommands;
  readonly relations: RelationCommands;
  readonly calls: CallCommands;
  readonly macros: MacroCommands;
  readonly bulk: BulkCommands;
  readonly directory: DirectoryCommands;
  readonly agents: AgentCommands;
  readonly groups: GroupCommands;
  readonly settings: SettingCommands;
  /** The settings in force, for what is shown to people. */
  readonly inForce: { current(): SettingsLookup };
  /** Asked for what must be true now, such as whose a ticket is: the read models may be behind. */
  readonly store: EventStore;
  /** Whoever writes names a ticket by its number as well as by its id. */
  readonly findTicket: FindTicket;
  readonly presence: Pick<Presence, 'say'>;
  readonly drafts: Pick<ReplyDrafts, 'keep' | 'forget'>;
  /** Which tickets a bulk action is about, when they are described. */
  readonly selectTickets: SelectTickets;
  readonly blobs: BlobStore;
  /** Signs upload references and rating links; any stable secret of at least 32 characters. */
  readonly uploadSecret: string;
  /** Largest upload in bytes. Default 25 MiB. */
  readonly maxUploadBytes?: number;
};
