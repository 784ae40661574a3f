import type { Message } from '#contracts/events/message.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { AddComment, CreateTicket } from '#packages/domain/ticket/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

export const customerId = idFrom('test', 'customer');
export const agentId = idFrom('test', 'agent');

export const message = (changes: Partial<Message> = {}): Message => ({
  text: 'The printer is on fire',
  html: null,
  attachments: [],
  mail: null,
  ...changes,
});

/** A message that a machine sent, such as an out-of-office reply. */
export const automaticMessage = (): Message =>
  message({
    mail: {
      inboundMailId: idFrom('test', 'inbound'),
      messageId: 'ooo@customer.example',
      inReplyTo: [],
      references: [],
      from: 'anna@customer.example',
      to: ['help@desk.example'],
      cc: [],
      automatic: true,
    },
  });

export const newTicket = (changes: Partial<DataOf<'TicketCreated'>> = {}): DataOf<'TicketCreated'> => ({
  number: 1001,
  subject: 'Printer',
  channel: 'email',
  requesterId: customerId,
  companyId: null,
  mailboxId: 'support',
  priority: 'normal',
  followUpOf: null,
  commentId: idFrom('test', 'comment', 0),
  message: message(),
  ...changes,
});

export const createTicket = (changes: Partial<DataOf<'TicketCreated'>> = {}): CreateTicket => ({
  type: 'CreateTicket',
  data: newTicket(changes),
});

let comments = 0;
const comment = (role: 'customer' | 'agent', changes: Partial<AddComment['data']>): AddComment => {
  comments += 1;
  const data = {
    commentId: idFrom('test', 'comment', comments),
    visibility: 'public' as const,
    authorId: role === 'agent' ? agentId : customerId,
    authorRole: role,
    channel: 'email' as const,
    message: message(),
    ...changes,
  };
  return { type: 'AddComment', data };
};

export const agentSays = (changes: Partial<AddComment['data']> = {}): AddComment => comment('agent', changes);
export const customerSays = (changes: Partial<AddComment['data']> = {}): AddComment => comment('customer', changes);
