import type { InboundMailEvent } from '#contracts/events/mail.ts';
import type { Classified } from '#packages/mail/classify.ts';
import type { MailAddress, ParsedMail } from '#packages/mail/parsed-mail.ts';

/** The decision about a mail as it goes on record. */
export type Processed = Extract<InboundMailEvent, { type: 'InboundMailProcessed' }>['data'];

type Result = Pick<Processed, 'outcome' | 'ticketId' | 'commentId' | 'matchedBy' | 'reason'>;

/** A decision that leads to nothing on any ticket. */
export const setAside = ({ action, reason }: { action: 'ignore' | 'quarantine'; reason: string }): Result => ({
  outcome: action === 'ignore' ? 'ignored' : 'quarantined',
  ticketId: null,
  commentId: null,
  matchedBy: 'none',
  reason,
});

/** The decision about a mail that could be read, with what could not be read of it. */
export const processed = (
  it: { readonly mail: ParsedMail; readonly classified: Classified; readonly sender: MailAddress | null },
  { commentId, matchedBy, outcome, reason, ticketId }: Result,
): Processed => ({
  outcome,
  ticketId,
  commentId,
  matchedBy,
  classification: it.classified.classification,
  reason: [reason, ...it.mail.notes.map((note) => `${note}.`)].join(' '),
  messageId: it.mail.messageId,
  subject: it.mail.subject,
  from: it.sender?.address ?? null,
});

/** The decision about a mail that could not be read or worked on. */
export const unreadable = (reason: string): Processed => ({
  ...setAside({ action: 'quarantine', reason }),
  classification: 'unparseable',
  messageId: null,
  subject: null,
  from: null,
});
