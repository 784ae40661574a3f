import type { BlobStore } from '#packages/blob-store/port.ts';
import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import { followMerges } from '#packages/commands/relations/follow-merges.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import type { Classified } from '#packages/mail/classify.ts';
import type { MailAddress, ParsedMail } from '#packages/mail/parsed-mail.ts';
import type { Authors } from './authors.ts';
import type { Effect } from './earlier.ts';
import { messageOf } from './message.ts';
import type { Plan } from './plan.ts';

export type PerformDeps = {
  readonly authors: Authors;
  readonly blobs: BlobStore;
  readonly tickets: Pick<TicketCommands, 'comment' | 'create'>;
};

export type ReadMail = {
  readonly inboundMailId: string;
  readonly mailboxId: string;
  readonly mail: ParsedMail;
  readonly sender: MailAddress;
  readonly classified: Classified;
  readonly context: CommandContext;
};

type Lasting = Extract<Plan, { action: 'comment' | 'create' }>;

/**
 * Carries a plan out: author and company, files, then the ticket or the comment. Every command id follows from the
 * event that is handled, so that doing it again, from any point, changes nothing.
 */
export async function perform(deps: PerformDeps, plan: Lasting, it: ReadMail): Promise<Effect> {
  if (plan.action === 'create') return create(deps, plan.followUpOf, it);
  try {
    return await comment(deps, plan, it);
  } catch (error) {
    // It holds as much as a ticket may, or was done too long ago by now; what the customer writes goes on in a follow-up.
    if (isAppError(error, 'TICKET_TOO_LONG') || isAppError(error, 'TICKET_CLOSED'))
      return create(deps, plan.ticketId, it);
    throw error;
  }
}

async function comment(
  { authors, blobs, tickets }: PerformDeps,
  { ticketId, visibility }: Extract<Plan, { action: 'comment' }>,
  it: ReadMail,
): Promise<Effect> {
  const { classified, context, inboundMailId, mail, sender } = it;
  const bounced = classified.classification === 'bounce';
  const author = await (bounced ? authors.mailSystem(context) : authors.ensure(sender, context));
  const said = {
    visibility,
    authorId: author.personId,
    authorRole: author.isAgent ? ('agent' as const) : ('customer' as const),
    channel: 'email' as const,
    message: await messageOf(blobs, {
      mail,
      body: bounced ? mail.full : mail.reply,
      inboundMailId,
      from: sender.address,
      automatic: classified.automatic,
    }),
  };
  // It may have been merged since the mail was decided.
  const { done, ticketId: taken } = await followMerges(ticketId, (id) =>
    tickets.comment(id, said, stepOf(context, 'comment')),
  );
  return { outcome: 'comment-added', ticketId: taken, commentId: done.commentId };
}

async function create(
  { authors, blobs, tickets }: PerformDeps,
  followUpOf: string | null,
  { classified, context, inboundMailId, mail, mailboxId, sender }: ReadMail,
): Promise<Effect> {
  const author = await authors.ensure(sender, context);
  const message = await messageOf(blobs, {
    mail,
    body: mail.full,
    inboundMailId,
    from: sender.address,
    automatic: classified.automatic,
  });
  const { commentId, ticketId } = await tickets.create(
    {
      subject: mail.subject || '(no subject)',
      channel: 'email',
      requesterId: author.personId,
      companyId: author.companyId,
      mailboxId,
      priority: 'normal',
      followUpOf,
      message,
    },
    stepOf(context, 'ticket'),
  );
  return { outcome: 'ticket-created', ticketId, commentId };
}
