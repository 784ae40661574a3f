/** A mailbox of a header: the address in the form of `Address` of the contracts, the name decoded, '' when there is none. */
export type MailAddress = { readonly name: string; readonly address: string };

export type ParsedAttachment = {
  readonly name: string;
  readonly mediaType: string;
  /** RFC 2392, without angle brackets. */
  readonly contentId: string | null;
  /** Shown inside the HTML body by its content id, so no file of its own for the reader. */
  readonly inline: boolean;
  readonly content: Buffer;
};

/** A body in both forms, each at most `maxBodyLength` characters. `html` is sanitised, null when the mail had none. */
export type MailBody = { readonly text: string; readonly html: string | null };

/** What a delivery status notification says about one recipient (RFC 3464 2.3). */
export type ReportedRecipient = {
  readonly address: string | null;
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded' | null;
  /** Enhanced status code, RFC 3463: `5.1.1` */
  readonly status: string | null;
};

/** Lower-case name to all its values in order, unfolded and decoded. */
export type MailHeaderMap = Readonly<Record<string, readonly string[]>>;

export type ParsedMail = {
  /** Message ids are without angle brackets, in the order of their header: references have the newest last. */
  readonly messageId: string | null;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly from: MailAddress | null;
  readonly sender: MailAddress | null;
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly subject: string;
  /** RFC 3339 in UTC; null when missing or unreadable. */
  readonly date: string | null;
  /** The whole body: what the first message of a ticket shows. */
  readonly full: MailBody;
  /** The body without quoted history and signature: what a reply shows. Never empty when `full` is not. */
  readonly reply: MailBody;
  readonly attachments: readonly ParsedAttachment[];
  readonly headers: MailHeaderMap;
  /** `type/subtype` of the whole message, lower case, and its `report-type` (RFC 6522). */
  readonly contentType: string;
  readonly reportType: string | null;
  /** One per recipient of a delivery status notification; empty for all other mail. */
  readonly reported: readonly ReportedRecipient[];
  /** What was repaired or left out, a sentence each. The raw message still has it all. */
  readonly notes: readonly string[];
};

export type ParseOutcome =
  | { readonly parsed: true; readonly mail: ParsedMail }
  | { readonly parsed: false; readonly reason: string };

/** Upper bounds of what leaves the parser; those of `Message` in the contracts. */
export const maxBodyLength = 500_000;
export const maxAttachments = 100;
