import { type Static, Type } from 'typebox';
import { Mentions, RedactedPart } from '../events/ticket-conversation.ts';
import { Instant, Nullable, OneOf, Sha256, Strict, Uuid } from '../primitives.ts';
import { UploadReference } from './attachments.ts';
import { PersonRef } from './common.ts';

/** What a comment says besides its words. */
export const commentExtras = {
  mentions: Type.Optional({
    ...Mentions,
    description:
      'whom it calls upon: they get a mail and may read what is public on the ticket; nobody becomes responsible. ' +
      'Clients are not told the words of a note. Customers cannot mention.',
  }),
};

export const conversationFilters = {
  mentioned: Type.Optional(OneOf(['me'], { description: 'tickets on which you, or a group of yours, are mentioned' })),
};

/** What was done to a message after it was said, and whom it mentions. */
export const messageMarks = {
  mentions: Type.Array(Type.Object({ kind: OneOf(['person', 'group']), id: Uuid, name: Type.String() }), {
    description: 'customers see none',
  }),
  edited: Nullable(Type.Object({ at: Instant, by: PersonRef }, { title: 'Edited' })),
  redacted: Nullable(
    Type.Object(
      {
        at: Instant,
        by: Nullable({ ...PersonRef, description: 'null: not told to customers' }),
        whole: Type.Boolean(),
      },
      {
        title: 'Redacted',
        description: 'something was taken out, last at that time; █ stands for each character of it',
      },
    ),
  ),
};

const Text = Type.String({ minLength: 1, maxLength: 500_000, pattern: '\\S' });

export const EditComment = Strict(
  {
    text: Type.Optional(Text),
    html: Type.Optional(Type.String({ maxLength: 4_000_000, description: 'as in a new comment' })),
    attachments: Type.Optional(Type.Array(UploadReference, { maxItems: 100, description: 'files to add' })),
    keep: Type.Optional(
      Type.Array(Sha256, { maxItems: 100, description: 'files of the note that stay; left out: all of them' }),
    ),
  },
  { title: 'EditComment' },
);

export const RedactComment = Strict(
  {
    parts: Type.Array(RedactedPart, { minItems: 1, maxItems: 100 }),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
  },
  { title: 'RedactComment' },
);

export const Mentionable = Type.Object(
  {
    kind: OneOf(['person', 'group']),
    id: Uuid,
    name: Type.String(),
    email: Nullable(Type.String({ description: 'the address that fits best; null for groups' })),
    side: Nullable(OneOf(['desk', 'client'], { description: 'who works here, or somebody of the clients' })),
  },
  { title: 'Mentionable' },
);
export type Mentionable = Static<typeof Mentionable>;

export const MentionQuery = Strict({
  q: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '\\S',
    description:
      'parts of a name, of a mail address (before the @ it is the login), or a domain of the person or company',
  }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
});
export const MentionList = Type.Object({ items: Type.Array(Mentionable) }, { title: 'MentionList' });

export const PresenceBody = Strict(
  { state: OneOf(['viewing', 'typing', 'away']) },
  { title: 'Presence', description: 'forgotten after 30 seconds; `away` at once' },
);
export const PresenceList = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        person: PersonRef,
        state: OneOf(['viewing', 'typing']),
        until: { ...Instant, description: 'forgotten then unless said again' },
      }),
    ),
  },
  { title: 'PresenceList' },
);
