import type { AttributeKind } from '#contracts/api/ticket-attributes.ts';

type Detail = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value === null || value === undefined ? '–' : String(value));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const fromTo = (what: string, { from, to }: Detail): string => `${what} ${text(from)} → ${text(to)}`;

/** What comes with a plus, what goes with a minus. */
const comeAndGo = ({ added, removed }: Detail): string =>
  [...list(added).map((each) => `+${text(each)}`), ...list(removed).map((each) => `−${text(each)}`)].join(' ');

function followers({ added, removed }: Detail): string {
  const [come, gone] = [list(added).length, list(removed).length];
  return [come > 0 && `${come} more`, gone > 0 && `${gone} fewer`].filter(Boolean).join(', ');
}

const fields = (values: unknown): string =>
  typeof values === 'object' && values !== null
    ? Object.entries(values)
        .map(([id, value]) => `${id} = ${text(value)}`)
        .join(', ')
    : '–';

function work({ billable, event, minutes, previous, specification }: Detail): string {
  const amount = `${text(minutes)} min${billable === true ? ', billable' : ''}`;
  if (event === 'TicketWorkRemoved') return `work taken off the record: ${amount}`;
  const was =
    typeof previous === 'object' && previous !== null && 'minutes' in previous ? text(previous.minutes) : null;
  return `${was === null ? 'worked' : `work corrected, was ${was} min:`} ${amount}: ${text(specification)}`;
}

/** A changed attribute in one line. */
export function attributeText(kind: AttributeKind, detail: Detail): string {
  switch (kind) {
    case 'subject':
    case 'requester':
    case 'company':
    case 'language':
    case 'type':
    case 'service':
      return fromTo(kind, detail);
    case 'due-date':
      return fromTo('due date', detail);
    case 'tags':
      return `tags ${comeAndGo(detail)}`;
    case 'followers':
      return `followers: ${followers(detail)}`;
    case 'fields':
      return `fields: ${fields(detail['fields'])}`;
    case 'work':
      return work(detail);
    default:
      return kind satisfies never;
  }
}
