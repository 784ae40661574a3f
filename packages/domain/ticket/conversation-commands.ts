import type { Message } from '#contracts/events/message.ts';
import type { RedactedPart } from '#contracts/events/ticket-conversation.ts';

export type EditComment = {
  readonly type: 'EditComment';
  readonly data: {
    readonly commentId: string;
    readonly by: string;
    /** The new words, with the files that are added. */
    readonly message: Message;
    /** Files that stay, by the hash of their content; null: all of them. */
    readonly keep: readonly string[] | null;
  };
};
export type RedactComment = {
  readonly type: 'RedactComment';
  readonly data: {
    readonly commentId: string;
    readonly by: string;
    /** Of the event that the message first came by. */
    readonly eventId: string;
    readonly parts: readonly RedactedPart[];
    readonly reason: string;
  };
};

/** What is done to a message after it was said. */
export type RetouchCommand = EditComment | RedactComment;
