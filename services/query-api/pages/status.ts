/** What runs here, for the front page; collected by whoever composes the desk. */
export type DeskStatus = {
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly logPosition: bigint;
  /** Where the desk can be reached, e.g. `{ name: 'SMTP intake', address: '127.0.0.1:2525' }`. */
  readonly listeners: readonly { readonly name: string; readonly address: string }[];
  readonly mailboxes: readonly { readonly name: string; readonly address: string }[];
  /** Where outgoing mail goes, in one line. */
  readonly outgoingMail: string;
  readonly services: readonly { readonly name: string; readonly state: string; readonly position: bigint | null }[];
  readonly projections: readonly {
    readonly name: string;
    readonly version: number;
    readonly status: string;
    readonly position: bigint;
    readonly lag: bigint;
  }[];
};
