import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { InboundMailEvent } from '#contracts/events/mail.ts';
import { idOf } from '#contracts/events/streams.ts';
import { type CommandContext, contextOf, stepOf } from '#packages/commands/context.ts';
import { fold } from '#packages/domain/decider.ts';
import { inboundMail } from '#packages/domain/mail/inbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { isAppError, isTransient } from '#packages/kernel/errors.ts';
import { type Classified, classify } from '#packages/mail/classify.ts';
import type { MailParser } from '#packages/mail/parse.ts';
import type { MailAddress, ParsedMail } from '#packages/mail/parsed-mail.ts';
import { chooseThread, threadKeys } from '#packages/mail/thread.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { authorReadModels } from './authors.ts';
import { type CandidateSearch, candidateReadModels } from './candidates.ts';
import { copyOf, earlierEffect } from './earlier.ts';
import { floodLimit, floodReadModels, isFlood } from './flood.ts';
import { type PerformDeps, perform } from './perform.ts';
import { type Plan, type Processed, planFor } from './plan.ts';
import { returnedMessageIds } from './returned.ts';
import { senderOf } from './sender.ts';

/** Tries of one mail before it is set aside for a person to look at. Outages do not count. */
export const maxAttempts = 5;

const readModels = [...authorReadModels, ...candidateReadModels, ...floodReadModels];

export type ProcessDeps = PerformDeps & {
  readonly store: EventStore;
  readonly handle: CommandHandler;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current'>;
  readonly parser: Pick<MailParser, 'parse'>;
  readonly search: CandidateSearch;
  readonly readReplyAddress: (address: string) => number | null;
  /** Domain of the desk's own Message-IDs. */
  readonly mailDomain: string;
  readonly log: Logger;
};

type Received = StoredEvent<Extract<InboundMailEvent, { type: 'InboundMailReceived' }>>;
/** A mail as far as it is understood, with what the decision about it is made on. */
type Understood = { readonly mail: ParsedMail; readonly classified: Classified; readonly sender: MailAddress };

/**
 * The handler of InboundMailReceived: reads the mail, decides what it is and where it belongs, carries that out and puts
 * the decision on record with its reason. It may break off anywhere and be run again. Mails must be handled one at a
 * time: a reply is decided on read models that show the mail before it.
 */
export function createProcessing(deps: ProcessDeps) {
  const { blobs, db, handle, log, mailDomain, parser, readReplyAddress, search, settings, store } = deps;

  const record = async (context: CommandContext, stream: string, data: Processed): Promise<void> => {
    const command = { type: 'ProcessMail', data } as const;
    await handle({ ...stepOf(context, 'processed'), stream, decider: inboundMail, command, facts: () => undefined });
    log.info({ stream, outcome: data.outcome, ticketId: data.ticketId, reason: data.reason }, 'mail processed');
  };

  /** What is not a matter of tickets: the same mail again, and floods. Null when the plan stands. */
  const objection = async (
    plan: Plan,
    { at, copy, sender }: { at: string; copy: { number: number } | null; sender: MailAddress },
  ): Promise<Plan | null> => {
    if (copy) return { action: 'ignore', reason: `Another copy of this mail is on #${copy.number} already.` };
    if (plan.action !== 'create' || !(await isFlood(db, sender.address, at))) return null;
    const { minutes, tickets } = floodLimit;
    return {
      action: 'quarantine',
      reason: `${sender.address} opened ${tickets} tickets within ${minutes} minutes, which looks like a loop.`,
    };
  };

  const settle = async (event: Received, it: Understood): Promise<Processed> => {
    const { classified, mail, sender } = it;
    const context = contextOf('email-ingest', event);
    const inboundMailId = idOf(event.stream);
    const bounced = classified.classification === 'bounce';
    await catchUp(deps, readModels);
    const references = bounced ? [...mail.references, ...returnedMessageIds(mail)] : mail.references;
    const keys = threadKeys({ ...mail, references }, { readReplyAddress, recipients: event.data.recipients });
    const candidates = await search(keys, mail.messageId);
    const earlier = await earlierEffect(store, { context, inboundMailId, candidates });
    const isAgent = (await deps.authors.find(sender.address))?.isAgent ?? false;
    const thread = chooseThread({
      mail: { from: sender },
      keys,
      candidates: earlier ? candidates.filter(({ ticketId }) => ticketId === earlier.ticketId) : candidates,
      // A bounce comes from a stranger by nature; all it can lead to is a note that agents read.
      isAgent: isAgent || bounced,
    });
    if (earlier)
      return processed(it, { ...earlier, matchedBy: thread.matchedBy, reason: `${thread.reason} Finished after an interruption.` });
    const copy = copyOf(mail, sender.address, inboundMailId, candidates);
    const decided = planFor({ classified, thread, isAgent });
    const plan = (await objection(decided, { at: event.metadata.at, copy, sender })) ?? decided;
    if (plan.action === 'ignore' || plan.action === 'quarantine') return processed(it, without(plan));
    const effect = await perform(deps, plan, {
      ...it,
      inboundMailId,
      mailboxId: event.data.mailboxId,
      context,
    });
    return processed(it, { ...effect, matchedBy: plan.matchedBy, reason: plan.reason });
  };

  const decide = async (event: Received): Promise<Processed> => {
    const { blob, envelopeFrom } = event.data;
    const outcome = await parser.parse(await blobs.read(blob));
    if (!outcome.parsed) return unreadable(outcome.reason);
    const { mail } = outcome;
    const ownAddresses = new Set(settings.current().inForce('mailbox').map(({ value }) => value.address));
    const classified = classify(mail, { envelopeFrom, ownAddresses, ownDomain: mailDomain });
    const system = classified.classification === 'bounce' ? { name: '', address: `mailer-daemon@${mailDomain}` } : null;
    const sender = senderOf(mail, envelopeFrom, ownAddresses) ?? system;
    if (sender === null) {
      const reason = 'It names no sender that could be answered.';
      return processed({ mail, classified, sender: null }, without({ action: 'quarantine', reason }));
    }
    return settle(event, { mail, classified, sender });
  };

  return async (event: StoredEvent, { attempt }: { attempt: number }): Promise<void> => {
    if (event.type !== 'InboundMailReceived') return;
    const before = fold(inboundMail, await store.readStream(event.stream));
    // Also when it is in quarantine: releasing it from there is a person's decision.
    if (before.processed) return;
    const context = contextOf('email-ingest', event);
    try {
      await record(context, event.stream, await decide(event));
    } catch (error) {
      if (isTransient(error) || attempt < maxAttempts) throw error;
      log.error({ err: error, stream: event.stream }, 'mail cannot be processed and is set aside');
      const reason = isAppError(error) ? error.message : 'An unexpected error; the log of email-ingest has it.';
      await record(context, event.stream, unreadable(reason));
    }
  };
}

type Result = Pick<Processed, 'outcome' | 'ticketId' | 'commentId' | 'matchedBy' | 'reason'>;

const without = ({ action, reason }: Extract<Plan, { action: 'ignore' | 'quarantine' }>): Result => ({
  outcome: action === 'ignore' ? 'ignored' : 'quarantined',
  ticketId: null,
  commentId: null,
  matchedBy: 'none',
  reason,
});

const processed = (
  { classified, mail, sender }: Omit<Understood, 'sender'> & { sender: MailAddress | null },
  { commentId, matchedBy, outcome, reason, ticketId }: Result,
): Processed => ({
  outcome,
  ticketId,
  commentId,
  matchedBy,
  classification: classified.classification,
  reason,
  messageId: mail.messageId,
  subject: mail.subject,
  from: sender?.address ?? null,
});

const unreadable = (reason: string): Processed => ({
  ...without({ action: 'quarantine', reason }),
  classification: 'unparseable',
  messageId: null,
  subject: null,
  from: null,
});
