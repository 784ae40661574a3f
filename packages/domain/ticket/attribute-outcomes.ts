import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { AttributeCommand, WorkCommand } from './attribute-commands.ts';

type Name = (AttributeCommand | WorkCommand)['type'];

/** The events that the commands on attributes and work may lead to. */
export const attributeOutcomes: { readonly [C in Name]: readonly TicketEvent['type'][] } = {
  ChangePriority: ['TicketPriorityChanged'],
  AssessPriority: ['TicketPriorityChanged'],
  ChangeSubject: ['TicketSubjectChanged'],
  ChangeRequester: ['TicketRequesterChanged', 'TicketCompanyChanged'],
  ChangeCompany: ['TicketCompanyChanged'],
  ChangeLanguage: ['TicketLanguageChanged'],
  ChangeDueDate: ['TicketDueDateChanged'],
  ChangeType: ['TicketTypeChanged'],
  ChangeService: ['TicketServiceChanged'],
  ChangeTags: ['TicketTagsChanged'],
  ChangeFollowers: ['TicketFollowersChanged'],
  ChangeFields: ['TicketFieldsChanged'],
  LogWork: ['TicketWorkLogged'],
  CorrectWork: ['TicketWorkCorrected'],
  RemoveWork: ['TicketWorkRemoved'],
};
