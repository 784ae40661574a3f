import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { FieldValue, FirstAttributes } from '#contracts/events/ticket-attributes.ts';
import type { Level } from '#contracts/primitives.ts';

/** A value of a custom field with the revision of the definition that it was checked by. */
export type HeldField = { readonly value: FieldValue; readonly revision: number };
export type Work = Omit<Extract<TicketEvent, { type: 'TicketWorkLogged' }>['data'], 'companyId'>;

/** What a ticket is about, beyond what every ticket has. */
export type AttributesState = {
  readonly typeId: string | null;
  readonly serviceId: string | null;
  readonly language: string | null;
  readonly dueDate: string | null;
  /** Null while somebody chose the priority. */
  readonly assessment: { readonly impact: Level; readonly urgency: Level } | null;
  /** In order of the alphabet. */
  readonly tags: readonly string[];
  readonly followers: readonly string[];
  readonly fields: Readonly<Record<string, HeldField>>;
  /** Work on record, in the order it was logged. */
  readonly work: readonly Work[];
};

export const initialAttributes: AttributesState = {
  typeId: null,
  serviceId: null,
  language: null,
  dueDate: null,
  assessment: null,
  tags: [],
  followers: [],
  fields: {},
  work: [],
};

/** What the attributes are that a ticket is opened with. */
export function firstAttributes(given: FirstAttributes = {}): AttributesState {
  const { fields = {}, impact, revisions = {}, tags = [], urgency } = given;
  return {
    ...initialAttributes,
    typeId: given.typeId ?? null,
    serviceId: given.serviceId ?? null,
    language: given.language ?? null,
    dueDate: given.dueDate ?? null,
    assessment: impact && urgency ? { impact, urgency } : null,
    tags: changed([], tags, []).toSorted(),
    followers: given.followers ?? [],
    fields: fieldsAfter({}, fields, revisions),
  };
}

/** The attributes after an event. Total: what is not about them changes nothing. */
export function evolveAttributes(state: AttributesState, event: TicketEvent): AttributesState {
  switch (event.type) {
    case 'TicketPriorityChanged': {
      const { assessment } = event.data;
      return { ...state, assessment: assessment ? { impact: assessment.impact, urgency: assessment.urgency } : null };
    }
    case 'TicketLanguageChanged':
      return { ...state, language: event.data.to };
    case 'TicketDueDateChanged':
      return { ...state, dueDate: event.data.to };
    case 'TicketTypeChanged':
      return { ...state, typeId: event.data.to };
    case 'TicketServiceChanged':
      return { ...state, serviceId: event.data.to };
    case 'TicketTagsChanged':
      return { ...state, tags: changed(state.tags, event.data.added, event.data.removed).toSorted() };
    case 'TicketFollowersChanged':
      return { ...state, followers: changed(state.followers, event.data.added, event.data.removed) };
    case 'TicketFieldsChanged':
      return { ...state, fields: fieldsAfter(state.fields, event.data.fields, event.data.revisions) };
    case 'TicketWorkLogged': {
      const { companyId: _, ...work } = event.data;
      return { ...state, work: [...state.work, work] };
    }
    case 'TicketWorkCorrected': {
      const { previous: _, ...work } = event.data;
      return { ...state, work: state.work.map((each) => (each.workId === work.workId ? work : each)) };
    }
    case 'TicketWorkRemoved':
      return { ...state, work: state.work.filter(({ workId }) => workId !== event.data.workId) };
    default:
      return state;
  }
}

/** A set, kept as a list, after some have come and others gone. */
export const changed = <T>(list: readonly T[], added: readonly T[], removed: readonly T[]): T[] => [
  ...new Set([...list.filter((each) => !removed.includes(each)), ...added]),
];

type Values = Readonly<Record<string, FieldValue | null>>;

/** Custom fields after some of them were given values or emptied (null). */
function fieldsAfter(
  before: AttributesState['fields'],
  values: Values,
  revisions: Readonly<Record<string, number>>,
): AttributesState['fields'] {
  const after = new Map(Object.entries(before));
  for (const [id, value] of Object.entries(values)) {
    if (value === null) after.delete(id);
    else after.set(id, { value, revision: revisions[id] ?? 1 });
  }
  return Object.fromEntries(after);
}

/** Minutes of all work on record, and of the part that is billed. */
export const workTotals = (work: readonly Pick<Work, 'minutes' | 'billable'>[]) => ({
  minutes: work.reduce((sum, { minutes }) => sum + minutes, 0),
  billableMinutes: work.reduce((sum, { billable, minutes }) => sum + (billable ? minutes : 0), 0),
});
