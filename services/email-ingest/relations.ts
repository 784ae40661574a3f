import type { Kysely } from 'kysely';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { MailParser } from '#packages/mail/parse.ts';
import type { ParsedMail } from '#packages/mail/parsed-mail.ts';
import { threadKeys } from '#packages/mail/thread.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { candidateReadModels } from './candidates.ts';
import { storedHeader } from './record.ts';

/** Mails larger than this, in bytes, are worked on one at a time: each is held in memory several times over. */
const large = 1024 * 1024;

export type RelationDeps = {
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly db: Kysely<ReadDatabase>;
  readonly parser: Pick<MailParser, 'parse'>;
  readonly readReplyAddress: (address: string) => number | null;
  readonly store: Pick<EventStore, 'head'>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
};

/**
 * What a received mail has to do with others, as far as its header tells: the messages it is, answers and refers to, the
 * tickets those are on, and everybody it may be from. Two mails that share none of these can be decided side by side: each
 * comes to the same whichever is first. Rejects when that cannot be told, as of a report, which names the mail it is
 * about in its body.
 */
export function createRelations(deps: RelationDeps) {
  const { blobs, db, parser, readReplyAddress } = deps;

  const ticketsOf = async (ids: readonly string[], numbers: readonly number[]): Promise<readonly string[]> => {
    if (ids.length === 0 && numbers.length === 0) return [];
    // What was decided so far shows: a mail of before may have joined one of these messages to a ticket.
    await catchUp(deps, candidateReadModels);
    return onReadDb(async () => {
      const byId = ids.length === 0 ? [] : await messagesOf(ids);
      const byNumber = numbers.length === 0 ? [] : await numbered(numbers);
      return [...byId.map(({ ticket_id: id }) => id), ...byNumber.map(({ id }) => id)];
    });
  };
  const messagesOf = (ids: readonly string[]) =>
    db.selectFrom('message_ids').select('ticket_id').distinct().where('message_id', 'in', ids).execute();
  const numbered = (numbers: readonly number[]) =>
    db.selectFrom('tickets').select('id').where('number', 'in', numbers).execute();

  const headerOf = async (blob: string): Promise<ParsedMail> => {
    const outcome = await parser.parse(Buffer.from(`${await storedHeader(blobs, blob)}\r\n\r\n`, 'latin1'));
    if (!outcome.parsed) throw new AppError('INTERNAL', { detail: outcome.reason });
    return outcome.mail;
  };

  return async (event: StoredEvent): Promise<readonly string[]> => {
    if (event.type !== 'InboundMailReceived') return [];
    const { blob, envelopeFrom, recipients, size, transport } = event.data;
    const mail = await headerOf(blob);
    if (mail.reportType !== null || (transport === 'smtp' && envelopeFrom === null))
      throw new AppError('INTERNAL', { detail: 'a report, which may be about any mail' });
    const { messageIds, replyAddressNumbers, subjectNumbers } = threadKeys(mail, { readReplyAddress, recipients });
    const named = messageIds.map(({ id }) => id);
    const tickets = await ticketsOf(named, [...replyAddressNumbers, ...subjectNumbers]);
    const authors = [mail.from, mail.sender, ...mail.replyTo].flatMap((each) => each?.address ?? []);
    return [
      ...[...named, ...(mail.messageId ? [mail.messageId] : [])].map((id) => `message ${id}`),
      ...tickets.map((id) => `ticket ${id}`),
      ...(authors.length === 0 ? [envelopeFrom ?? ''] : authors).map((address) => `author ${address}`),
      ...(size > large ? ['large'] : []),
    ];
  };
}
