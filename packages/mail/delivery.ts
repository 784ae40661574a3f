/** A recipient whom the server did not take while it took others. */
export type RefusedRecipient = {
  readonly address: string;
  /** `temporary`: try this one again later. */
  readonly kind: 'temporary' | 'permanent';
  /** What the server said. */
  readonly reason: string;
};

/** What became of handing over one message. */
export type DeliveryResult =
  | {
      readonly delivered: true;
      /** What the server said. */
      readonly response: string;
      /** Recipients it did not take while it took others. */
      readonly refused: readonly RefusedRecipient[];
    }
  | {
      readonly delivered: false;
      /** `temporary`: try again later. `permanent`: the same message to the same people will never be taken. */
      readonly kind: 'temporary' | 'permanent';
      readonly reason: string;
    };

export type OutgoingMessage = {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** RFC 5322, CRLF. */
  readonly raw: Buffer;
};
