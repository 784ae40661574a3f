import { type Static, Type } from 'typebox';
import { Address, Channel, Instant, Nullable, OneOf, Priority, Slug, Strict, Uuid } from '../primitives.ts';

/** One line: a line break would end the header field of a mail. */
export const Subject = Type.String({
  minLength: 1,
  maxLength: 998,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f\\u2028\\u2029]+$',
  description: 'one line, no control characters',
});
const Text = Type.String({
  minLength: 1,
  maxLength: 500_000,
  pattern: '\\S',
  description: 'plain text; left out: taken from the HTML, one of which is needed',
});
const Html = Type.String({
  maxLength: 4_000_000,
  description:
    'the same message as HTML; sanitised before it is stored, then at most 500,000 characters. Images in it may be ' +
    'pasted (`data:`, PNG, JPEG, GIF, WebP) or uploaded before (`upload:<reference>`): they become files of the message.',
});

/** Bodies of the REST commands on tickets. Ids, number, author and time are the desk's to give. */
export const CreateTicketBody = Strict({
  subject: Subject,
  text: Type.Optional(Text),
  html: Type.Optional(Html),
  requester: Type.Optional(
    Strict(
      { email: Address, name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) },
      { description: 'who asks; left out: the holder of the token' },
    ),
  ),
  priority: Type.Optional(Priority),
  channel: Type.Optional(Channel),
  mailboxId: Type.Optional(Slug),
  followUpOf: Type.Optional(Uuid),
});
export type CreateTicketBody = Static<typeof CreateTicketBody>;

const AnyStatus = {
  ...Slug,
  description: 'new, open, pending, on-hold, resolved, closed, or the id of a custom status',
};
const ResumeAt = Nullable({
  ...Instant,
  description: 'when a ticket that is pending or on hold opens by itself, at most 366 days ahead; null: it does not',
});

export const AddCommentBody = Strict({
  visibility: OneOf(['public', 'internal']),
  text: Type.Optional(Text),
  html: Type.Optional(Html),
  status: Type.Optional({ ...AnyStatus, description: `status to go to with the comment: ${AnyStatus.description}` }),
  resumeAt: Type.Optional(ResumeAt),
});
export type AddCommentBody = Static<typeof AddCommentBody>;

/** Both null: nobody's ticket. An agent without a group is allowed, one who is not in the group is not. */
export const AssignTicketBody = Strict({ groupId: Nullable(Uuid), agentId: Nullable(Uuid) });
export type AssignTicketBody = Static<typeof AssignTicketBody>;

export const EscalateTicketBody = Strict(
  {
    reason: Type.String({ minLength: 1, maxLength: 1_000, pattern: '\\S', description: 'why the group hands it over' }),
    note: Type.Optional({ ...Text, description: 'an internal note for the group above; plain text' }),
  },
  { title: 'EscalateTicket' },
);
export type EscalateTicketBody = Static<typeof EscalateTicketBody>;

export const ChangeStatusBody = Strict({ status: AnyStatus, resumeAt: Type.Optional(ResumeAt) });
export type ChangeStatusBody = Static<typeof ChangeStatusBody>;

export const ChangePriorityBody = Strict({ priority: Priority });
export type ChangePriorityBody = Static<typeof ChangePriorityBody>;
