import type { Kysely } from 'kysely';
import type { InboundMailEvent } from '#contracts/events/mail.ts';
import { idOf } from '#contracts/events/streams.ts';
import { contextOf } from '#packages/commands/context.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { classify } from '#packages/mail/classify.ts';
import type { MailParser } from '#packages/mail/parse.ts';
import type { MailAddress } from '#packages/mail/parsed-mail.ts';
import { chooseThread, threadKeys } from '#packages/mail/thread.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { mailboxAddresses } from '#packages/settings/mailboxes.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { authorReadModels } from './authors.ts';
import { type Candidate, type CandidateSearch, candidateReadModels } from './candidates.ts';
import { copyOf, earlierEffect } from './earlier.ts';
import { floodLimit, floodReadModels, isFlood } from './flood.ts';
import { followMerge, planForSpam } from './follow.ts';
import { type PerformDeps, perform, type ReadMail } from './perform.ts';
import { type Plan, planFor } from './plan.ts';
import { type Processed, processed, setAside, unreadable } from './processed.ts';
import { returnedMessageIds } from './returned.ts';
import { senderOf } from './sender.ts';

const readModels = [...authorReadModels, ...candidateReadModels, ...floodReadModels];

export type DecideDeps = PerformDeps & {
  readonly store: Pick<EventStore, 'head' | 'readStream'>;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly settings: Pick<Settings, 'current'>;
  readonly parser: Pick<MailParser, 'parse'>;
  readonly search: CandidateSearch;
  readonly readReplyAddress: (address: string) => number | null;
  /** Domain of the desk's own Message-IDs. */
  readonly mailDomain: string;
};

export type Received = StoredEvent<Extract<InboundMailEvent, { type: 'InboundMailReceived' }>>;

/**
 * Reads a mail, decides what it is and where it belongs, and carries that out; resolves to the decision, for the record.
 * It may break off anywhere and be run again: what was done before is found and not done twice.
 */
export function createDecision(deps: DecideDeps) {
  const { authors, blobs, db, mailDomain, parser, readReplyAddress, search, settings, store } = deps;

  const candidatesFor = async ({ data, metadata }: Received, { classified, mail }: ReadMail) => {
    const bounced = classified.classification === 'bounce';
    const references = bounced ? [...mail.references, ...returnedMessageIds(mail)] : mail.references;
    const keys = threadKeys({ ...mail, references }, { readReplyAddress, recipients: data.recipients });
    return { keys, candidates: await search(keys, mail.messageId, metadata.at) };
  };

  /** The plan, unless the mail is one that came before or one too many. */
  const checked = async (plan: Plan, candidates: readonly Candidate[], at: string, it: ReadMail): Promise<Plan> => {
    const { inboundMailId, mail, sender } = it;
    const copy = copyOf(mail, sender.address, inboundMailId, candidates);
    if (copy) return { action: 'ignore', reason: `Another copy of this mail is on #${copy.number} already.` };
    if (plan.action !== 'create' || !(await isFlood(db, sender.address, at))) return plan;
    const flood = `${floodLimit.tickets} tickets within ${floodLimit.minutes} minutes`;
    return { action: 'quarantine', reason: `${sender.address} opened ${flood}, which looks like a loop.` };
  };

  const settle = async (event: Received, it: ReadMail): Promise<Processed> => {
    const { classified, context, inboundMailId, sender } = it;
    await catchUp(deps, readModels);
    const { candidates, keys } = await candidatesFor(event, it);
    const earlier = await earlierEffect(store, { context, inboundMailId, candidates });
    const isAgent = (await authors.find(sender.address))?.isAgent ?? false;
    const belongs = chooseThread({
      mail: { from: sender },
      keys,
      candidates: earlier
        ? candidates.filter(({ goesTo, ticketId }) => [ticketId, goesTo.ticketId].includes(earlier.ticketId))
        : candidates,
      // A bounce comes from a stranger by nature; all it can lead to is a note that agents read.
      isAgent: isAgent || classified.classification === 'bounce',
    });
    const thread = followMerge(belongs, candidates);
    if (earlier) {
      const reason = `${thread.reason} Finished after an interruption.`;
      return processed(it, { ...earlier, matchedBy: thread.matchedBy, reason });
    }
    const isPerson = classified.classification === 'person' || classified.classification === 'list';
    const planned = planForSpam(thread, candidates, isPerson) ?? planFor({ classified, thread, isAgent });
    const plan = await checked(planned, candidates, event.metadata.at, it);
    if (plan.action === 'ignore' || plan.action === 'quarantine') return processed(it, setAside(plan));
    const { matchedBy, reason } = plan;
    return processed(it, { ...(await perform(deps, plan, it)), matchedBy, reason });
  };

  return async (event: Received): Promise<Processed> => {
    const { blob, envelopeFrom, mailboxId, transport } = event.data;
    const outcome = await parser.parse(await blobs.read(blob));
    if (!outcome.parsed) return unreadable(outcome.reason);
    const { mail } = outcome;
    const ownAddresses = mailboxAddresses(settings.current());
    // IMAP knows no envelope: Return-Path in the header is the nearest to it, and `classify` looks there.
    const reversePath = transport === 'imap' ? undefined : envelopeFrom;
    const classified = classify(mail, { envelopeFrom: reversePath, ownAddresses, ownDomain: mailDomain });
    const system: MailAddress = { name: '', address: `mailer-daemon@${mailDomain}` };
    const named = senderOf(mail, envelopeFrom, ownAddresses);
    const sender = named ?? (classified.classification === 'bounce' ? system : null);
    if (sender === null) {
      const reason = 'It names no sender that could be answered.';
      return processed({ mail, classified, sender }, setAside({ action: 'quarantine', reason }));
    }
    const context = contextOf('email-ingest', event);
    return settle(event, { mail, classified, sender, inboundMailId: idOf(event.stream), mailboxId, context });
  };
}
