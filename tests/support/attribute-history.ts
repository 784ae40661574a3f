import { levels } from '#contracts/primitives.ts';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedField, savedMatrix } from './catalogue.ts';
import { customerId } from './tickets.ts';

export const attributeActions = ['attribute', 'tags', 'followers', 'fields', 'work'] as const;
export type AttributeAction = (typeof attributeActions)[number];

/** The settings that the commands below are decided by. */
export const attributeSettings = [
  ...catalogue,
  savedMatrix(),
  savedField('room'),
  savedField('seats', { type: 'integer' }),
  savedField('toner', { services: ['printers'] }),
];

const choose = <T>(from: readonly T[], pick: number): T => from[pick % from.length] as T;
const labels = ['a', 'b', 'C d', 'vip'];
const people = [0, 1, 2].map((n) => idFrom('history follower', n));
const companies = [idFrom('company', 1), null];
const services = ['toner', 'hardware', 'software', null];

/** A command about attributes or work; numbers choose among what there is. */
export const attributeCommand: Record<AttributeAction, (pick: number, at: string) => TicketCommand> = {
  attribute: (pick, at) => {
    const to = pick >> 3;
    return choose<TicketCommand>(
      [
        { type: 'ChangeSubject', data: { to: `Subject ${pick}` } },
        {
          type: 'ChangeRequester',
          data: { personId: to === 7 ? idFrom('history follower', 0) : customerId, companyId: null },
        },
        { type: 'ChangeCompany', data: { to: choose(companies, to) } },
        { type: 'ChangeLanguage', data: { to: choose(['de', 'PT-br', null], to) } },
        { type: 'ChangeDueDate', data: { to: choose([at, null], to) } },
        { type: 'ChangeType', data: { to: choose(['incident', 'request', null], to) } },
        { type: 'ChangeService', data: { to: choose(services, to) } },
        { type: 'AssessPriority', data: { impact: choose(levels, to), urgency: choose(levels, to >> 1) } },
      ],
      pick,
    );
  },
  tags: (pick) => ({ type: 'ChangeTags', data: { add: [choose(labels, pick)], remove: [choose(labels, pick >> 2)] } }),
  followers: (pick) => ({
    type: 'ChangeFollowers',
    data: { add: [choose(people, pick)], remove: [choose(people, pick >> 2)] },
  }),
  fields: (pick) => {
    const fields = [{ room: `R "${pick}"` }, { seats: pick }, { toner: 'black' }, { room: null, seats: null }];
    return { type: 'ChangeFields', data: { fields: { ...choose<object>(fields, pick) }, byCustomer: false } };
  },
  work: (pick, at) => {
    const workId = idFrom('history work', pick % 5);
    const said = { minutes: 1 + pick, billable: pick % 2 === 0, startedAt: choose([at, null], pick >> 1) };
    return choose<TicketCommand>(
      [
        { type: 'LogWork', data: { workId, personId: choose(people, pick), specification: 'Looked', ...said } },
        { type: 'CorrectWork', data: { workId, ofPerson: null, ...said } },
        { type: 'RemoveWork', data: { workId, ofPerson: null } },
      ],
      pick >> 3,
    );
  },
};
