import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { FirstAttributes } from '#contracts/events/ticket-attributes.ts';
import type { Level, Priority } from '#contracts/primitives.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];
type Command<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };

/** What a ticket is to be opened with. Values of fields are whatever the caller sent; the decider checks them. */
export type NewAttributes = Pick<
  FirstAttributes,
  'typeId' | 'serviceId' | 'language' | 'dueDate' | 'impact' | 'urgency' | 'tags' | 'followers'
> & {
  readonly formId?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Who asks is a customer, who gives values to the fields that are open to them only. */
  readonly byCustomer?: boolean;
};

export type CreateTicket = Command<
  'CreateTicket',
  Omit<DataOf<'TicketCreated'>, 'attributes'> & { readonly attributes?: NewAttributes }
>;

export type ChangePriority = Command<'ChangePriority', { to: Priority }>;
/** Priority by the matrix of the desk. */
export type AssessPriority = Command<'AssessPriority', { impact: Level; urgency: Level }>;
export type ChangeSubject = Command<'ChangeSubject', { to: string }>;
/** The ticket goes to the company of its new requester. */
export type ChangeRequester = Command<'ChangeRequester', { personId: string; companyId: string | null }>;
export type ChangeCompany = Command<'ChangeCompany', { to: string | null }>;
export type ChangeLanguage = Command<'ChangeLanguage', { to: string | null }>;
/** By hand; no SLA clock looks at it. */
export type ChangeDueDate = Command<'ChangeDueDate', { to: string | null }>;
export type ChangeType = Command<'ChangeType', { to: string | null }>;
export type ChangeService = Command<'ChangeService', { to: string | null }>;
export type ChangeTags = Command<'ChangeTags', { add: readonly string[]; remove: readonly string[] }>;
export type ChangeFollowers = Command<'ChangeFollowers', { add: readonly string[]; remove: readonly string[] }>;
export type ChangeFields = Command<'ChangeFields', { fields: Readonly<Record<string, unknown>>; byCustomer: boolean }>;

type Work = Omit<DataOf<'TicketWorkLogged'>, 'companyId'>;
export type LogWork = Command<'LogWork', Work>;
/** `ofPerson`: whose work it must be; null for those who may correct everybody's. Members left out stay. */
export type CorrectWork = Command<'CorrectWork', Partial<Work> & { workId: string; ofPerson: string | null }>;
export type RemoveWork = Command<'RemoveWork', { workId: string; ofPerson: string | null }>;

export type WorkCommand = LogWork | CorrectWork | RemoveWork;
export type AttributeCommand =
  | ChangePriority
  | AssessPriority
  | ChangeSubject
  | ChangeRequester
  | ChangeCompany
  | ChangeLanguage
  | ChangeDueDate
  | ChangeType
  | ChangeService
  | ChangeTags
  | ChangeFollowers
  | ChangeFields;
