import {
  AssessPriorityBody,
  ChangeCompanyBody,
  ChangeDueDateBody,
  ChangeFieldsBody,
  ChangeFollowersBody,
  ChangeLanguageBody,
  ChangeRequesterBody,
  ChangeServiceBody,
  ChangeSubjectBody,
  ChangeTagsBody,
  ChangeTypeBody,
} from '#contracts/commands/ticket-attributes.ts';
import { createAttributeCommands } from '#packages/commands/ticket-attributes.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { readInstant } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents, registerTicketChange } from '../ticket-change.ts';

/** What a ticket is about. */
export function registerTicketAttributes(app: HttpServer, deps: CommandApiDeps): void {
  const { tickets } = deps;
  const attributes = createAttributeCommands(deps);

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/subject',
    command: 'ChangeSubject',
    summary: 'Change the subject',
    description: 'Mail that the desk sends from then on has it; threads stay what they are.',
    body: ChangeSubjectBody,
    change: ({ id, body, context }) =>
      tickets.change(id, { type: 'ChangeSubject', data: { to: body.subject } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/requester',
    command: 'ChangeRequester',
    summary: 'Change the requester',
    description: 'The ticket goes to the company of the new requester, and is out of sight for the one before.',
    body: ChangeRequesterBody,
    refusals: ['UNKNOWN_PERSON'],
    change: ({ id, body, context }) => attributes.changeRequester(id, body.personId, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/company',
    command: 'ChangeCompany',
    summary: 'Change the company',
    description: 'SLA targets follow the policy of the company; the time already used is kept.',
    body: ChangeCompanyBody,
    refusals: ['UNKNOWN_COMPANY'],
    change: ({ id, body, context }) => attributes.changeCompany(id, body.companyId, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/language',
    command: 'ChangeLanguage',
    summary: 'Change the language',
    description: 'A tag of BCP 47, kept in its canonical form.',
    body: ChangeLanguageBody,
    refusals: ['LANGUAGE_INVALID'],
    change: ({ id, body, context }) =>
      tickets.change(id, { type: 'ChangeLanguage', data: { to: body.language } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/due-date',
    command: 'ChangeDueDate',
    summary: 'Set the due date',
    description: 'A promise made by hand. No SLA clock looks at it.',
    body: ChangeDueDateBody,
    change: async ({ id, body, context }) => {
      const to = body.dueDate === null ? null : toTimestamp(readInstant(body.dueDate, '/dueDate'));
      return tickets.change(id, { type: 'ChangeDueDate', data: { to } }, context);
    },
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/type',
    command: 'ChangeType',
    summary: 'Change the type',
    body: ChangeTypeBody,
    refusals: ['UNKNOWN_TYPE'],
    change: ({ id, body, context }) => tickets.change(id, { type: 'ChangeType', data: { to: body.typeId } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/service',
    command: 'ChangeService',
    summary: 'Change the service',
    description: 'SLA targets follow the policy of the service, or of one that it is part of; the time used is kept.',
    body: ChangeServiceBody,
    refusals: ['UNKNOWN_SERVICE'],
    change: ({ id, body, context }) =>
      tickets.change(id, { type: 'ChangeService', data: { to: body.serviceId } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/assessment',
    command: 'AssessPriority',
    summary: 'Set impact and urgency',
    description: 'The priority follows from the matrix of the desk. Choosing a priority by hand takes both away.',
    body: AssessPriorityBody,
    refusals: ['NO_PRIORITY_MATRIX'],
    change: ({ id, body, context }) => tickets.change(id, { type: 'AssessPriority', data: body }, context),
  });

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/tags',
    command: 'ChangeTags',
    summary: 'Add and remove tags',
    description: 'Tags are kept in lower case, with hyphens for white space. Adding what is there changes nothing.',
    body: ChangeTagsBody,
    refusals: ['TAG_INVALID', 'TOO_MANY_TAGS'],
    change: ({ id, body: { add = [], remove = [] }, context }) =>
      tickets.change(id, { type: 'ChangeTags', data: { add, remove } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/followers',
    command: 'ChangeFollowers',
    summary: 'Add and remove followers',
    description:
      'Customers who follow a ticket get its public answers in copy. Agents get a mail of their own of each public message ' +
      'and internal note, but of what they wrote themselves and of automatic mail.',
    body: ChangeFollowersBody,
    refusals: ['UNKNOWN_PERSON', 'TOO_MANY_FOLLOWERS'],
    change: ({ id, body: { add = [], remove = [] }, context }) =>
      attributes.changeFollowers(id, { add, remove }, context),
  });

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/fields',
    command: 'ChangeFields',
    access: ['customer', ...agents],
    summary: 'Give values to custom fields',
    description:
      'Fields that are not named stay as they are; null empties one. All are taken or none. Customers change the fields ' +
      'that are open to them, on their own tickets.',
    body: ChangeFieldsBody,
    refusals: ['FIELD_INVALID'],
    change: ({ id, body, principal, context }) => {
      const data = { fields: body.fields, byCustomer: principal.role === 'customer' };
      return tickets.change(id, { type: 'ChangeFields', data }, context);
    },
  });
}
