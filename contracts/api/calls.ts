import { type Static, Type } from 'typebox';
import { CreateTicketBody } from '../commands/ticket.ts';
import { attributesOnCreation } from '../commands/ticket-attributes.ts';
import { Phone } from '../events/person-details.ts';
import { Address, Instant, Nullable, OneOf, Strict, Uuid } from '../primitives.ts';
import { UploadReference } from './attachments.ts';
import { CompanyRef, outcome, PersonRef } from './common.ts';
import { PersonName, WrittenPhones } from './people.ts';
import { TicketSummary } from './tickets.ts';

const { followUpOf, html, priority, subject, text } = CreateTicketBody.properties;
const attachments = Type.Optional(Type.Array(UploadReference, { maxItems: 100 }));

const CallerCompany = Strict(
  { id: Type.Optional(Uuid), name: Type.Optional(PersonName) },
  {
    description:
      'one that is known by `id`, or a new one by `name`, which takes the mail domain of the caller when nobody has it. ' +
      'Left out: the company of the mail domain, registered when new.',
  },
);
const Caller = Strict(
  {
    personId: Type.Optional({ ...Uuid, description: 'somebody known, and then nothing else' }),
    name: Type.Optional({ ...PersonName, description: 'of somebody new' }),
    phones: Type.Optional({ ...WrittenPhones, description: 'as they are written' }),
    emails: Type.Optional(Type.Array(Address, { maxItems: 20 })),
    company: Type.Optional(CallerCompany),
    confirmedNew: Type.Optional(
      Type.Boolean({
        description:
          'somebody else than those who have the same telephone number. An address is always one person: that of `personId`.',
      }),
    ),
  },
  { title: 'Caller' },
);

export const RegisterCall = Strict(
  {
    caller: Caller,
    subject,
    text: Type.Optional({ ...text, description: 'what the caller said; left out: taken from the HTML' }),
    html,
    attachments,
    answer: Type.Optional(
      Strict({ text, html }, { description: 'what the caller was told; is not mailed, having been heard' }),
    ),
    solved: Type.Optional(Type.Boolean({ description: 'true: the answer was all that it took; needs an answer' })),
    priority,
    followUpOf,
    ...attributesOnCreation,
    groupId: Type.Optional(Uuid),
    agentId: Type.Optional({
      ...Uuid,
      description: 'left out, with the group: whom routing finds; you when it is solved',
    }),
  },
  { title: 'RegisterCall' },
);
export type RegisterCall = Static<typeof RegisterCall>;

const registered = Type.Boolean({ description: 'made by this call' });
export const CallRegistered = Type.Object(
  {
    person: Type.Object({ ...PersonRef.properties, registered }),
    company: Nullable(Type.Object({ ...CompanyRef.properties, registered })),
    ticket: Type.Object({ id: Uuid, number: Type.Integer() }),
    ...outcome,
  },
  { title: 'CallRegistered' },
);

const part = (description: string, maxLength = 200) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

export const CallSuggestionQuery = Strict({
  phone: part('three digits of a number or more, however it is written, with its country or without', 100),
  name: part('the first letters of any words of the name; accents and capitals do not matter'),
  email: part('the first letters of an address', 320),
  company: part('the first letters of any words of its name, or of its domain', 253),
  subject: part('what the call is about, as far as it was typed', 998),
});
export type CallSuggestionQuery = Static<typeof CallSuggestionQuery>;

const clues = ['phone', 'email', 'name'] as const;
export type Clue = (typeof clues)[number];

const PossibleTicket = Type.Object(
  {
    ...{ id: Uuid, number: Type.Integer(), subject: Type.String(), status: TicketSummary.properties.status },
    requester: PersonRef,
    updatedAt: Instant,
  },
  { title: 'PossibleTicket' },
);

/** Ten of each at most. */
export const CallSuggestions = Type.Object(
  {
    people: Type.Array(
      Type.Object(
        {
          ...PersonRef.properties,
          emails: Type.Array(Type.String()),
          phones: Type.Array(Phone),
          company: Nullable(CompanyRef),
          matched: Type.Array(OneOf(clues)),
        },
        { title: 'PossibleCaller', description: 'those who match in most first' },
      ),
    ),
    companies: Type.Array(
      Type.Object({ ...CompanyRef.properties, domains: Type.Array(Type.String()) }, { title: 'PossibleCompany' }),
    ),
    tickets: Type.Array(PossibleTicket, { description: 'open ones of these people, the newest change first' }),
    similar: Type.Array(PossibleTicket, { description: 'open ones of anybody with such a subject, the closest first' }),
  },
  { title: 'CallSuggestions' },
);
