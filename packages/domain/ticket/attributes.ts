import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Level } from '#contracts/primitives.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { AttributeCommand, ChangeFields, ChangeFollowers, ChangeTags } from './attribute-commands.ts';
import type { Handlers } from './handlers.ts';
import type { Ticket } from './state.ts';
import { refuseClosed } from './status.ts';

type PlainCommand = Exclude<AttributeCommand, ChangeTags | ChangeFollowers | ChangeFields>;

/**
 * What a ticket is about. Refuses with TICKET_CLOSED, LANGUAGE_INVALID, UNKNOWN_TYPE, UNKNOWN_SERVICE and
 * NO_PRIORITY_MATRIX. Whether people and companies exist is for the caller to know: they are other streams.
 */
export const attributes: Handlers<PlainCommand> = {
  ChangePriority({ data: { to } }, ticket) {
    if (ticket.priority === to && ticket.attributes.assessment === null) return [];
    return onOpen(ticket, { type: 'TicketPriorityChanged', data: { from: ticket.priority, to } });
  },
  AssessPriority({ data: { impact, urgency } }, ticket, { settings }) {
    const { priority: to, matrixVersion } = priorityOf(impact, urgency, settings);
    const held = ticket.attributes.assessment;
    if (held?.impact === impact && held.urgency === urgency && ticket.priority === to) return [];
    const assessment = { impact, urgency, matrixVersion };
    return onOpen(ticket, { type: 'TicketPriorityChanged', data: { from: ticket.priority, to, assessment } });
  },
  ChangeSubject({ data: { to } }, ticket) {
    const from = ticket.subject;
    return from === to ? [] : onOpen(ticket, { type: 'TicketSubjectChanged', data: { from, to } });
  },
  ChangeRequester({ data: { companyId, personId: to } }, ticket) {
    const from = ticket.requesterId;
    if (from === to) return [];
    return [
      ...onOpen(ticket, { type: 'TicketRequesterChanged', data: { from, to } }),
      ...companyChange(ticket, companyId),
    ];
  },
  ChangeCompany: ({ data: { to } }, ticket) => companyChange(ticket, to),
  ChangeLanguage({ data }, ticket) {
    const from = ticket.attributes.language;
    const to = data.to === null ? null : readLanguage(data.to, '/language');
    return from === to ? [] : onOpen(ticket, { type: 'TicketLanguageChanged', data: { from, to } });
  },
  ChangeDueDate({ data: { to } }, ticket) {
    const from = ticket.attributes.dueDate;
    return from === to ? [] : onOpen(ticket, { type: 'TicketDueDateChanged', data: { from, to } });
  },
  ChangeType({ data: { to } }, ticket, { settings }) {
    const from = ticket.attributes.typeId;
    if (from === to) return [];
    checkType(to, '/typeId', settings);
    return onOpen(ticket, { type: 'TicketTypeChanged', data: { from, to } });
  },
  ChangeService({ data: { to } }, ticket, { settings }) {
    const from = ticket.attributes.serviceId;
    if (from === to) return [];
    checkService(to, '/serviceId', settings);
    return onOpen(ticket, { type: 'TicketServiceChanged', data: { from, to } });
  },
};

function onOpen(ticket: Ticket, event: TicketEvent): TicketEvent[] {
  refuseClosed(ticket);
  return [event];
}

function companyChange(ticket: Ticket, to: string | null): TicketEvent[] {
  const from = ticket.companyId;
  return from === to ? [] : onOpen(ticket, { type: 'TicketCompanyChanged', data: { from, to } });
}

/** Priority by the matrix in force. Throws NO_PRIORITY_MATRIX. */
export function priorityOf(impact: Level, urgency: Level, settings: SettingsLookup) {
  const matrix = settings.current('priority-matrix', 'default');
  if (!matrix) throw new AppError('NO_PRIORITY_MATRIX');
  return { priority: matrix.value[impact][urgency], matrixVersion: matrix.version };
}

/** A language tag in its canonical form (BCP 47, RFC 5646 4.5). Throws LANGUAGE_INVALID. */
export function readLanguage(tag: string, pointer: string): string {
  try {
    const [canonical = tag] = Intl.getCanonicalLocales(tag);
    return canonical;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const fields = [{ pointer, detail: 'must be a language tag such as de, pt-BR or zh-Hant' }];
    throw new AppError('LANGUAGE_INVALID', { fields, cause: error });
  }
}

/** Throws UNKNOWN_TYPE unless tickets may be given the type; null is none. */
export function checkType(id: string | null, pointer: string, settings: SettingsLookup): void {
  if (id === null || settings.current('ticket-type', id)?.value.active) return;
  throw new AppError('UNKNOWN_TYPE', { fields: [{ pointer, detail: 'names no type that is given to tickets' }] });
}

/** Throws UNKNOWN_SERVICE unless tickets may be given the service; null is none. */
export function checkService(id: string | null, pointer: string, settings: SettingsLookup): void {
  if (id === null || settings.current('service', id)?.value.active) return;
  throw new AppError('UNKNOWN_SERVICE', { fields: [{ pointer, detail: 'names no service that is given to tickets' }] });
}
