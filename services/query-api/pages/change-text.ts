import type { TimelineEntry } from '#contracts/api/tickets.ts';

const word = (value: unknown): string => (typeof value === 'string' ? value : '–');

/** What changed, in one line. */
export function changeText({ kind, detail }: TimelineEntry): string {
  switch (kind) {
    case 'status':
      return statusText(detail);
    case 'postponed':
      return detail['resumeAt'] === null
        ? 'no longer returns by itself'
        : `returns by itself at ${word(detail['resumeAt'])}`;
    case 'reminder':
      return `reminder ${String(detail['count'])} to the customer`;
    case 'priority':
      return `priority ${word(detail['from'])} → ${word(detail['to'])}`;
    case 'assignment':
      return `assigned: ${explanation(detail['reason'])}`;
    case 'sla-breach':
      return `${word(detail['clock'])} breached, was due ${word(detail['dueAt'])}`;
    case 'created':
    case 'comment':
      return kind;
    default:
      return kind satisfies never;
  }
}

/** With the name of a custom status, and when the ticket returns. */
function statusText(detail: TimelineEntry['detail']): string {
  const name = typeof detail['name'] === 'string' ? ` (${detail['name']})` : '';
  const returns = typeof detail['resumeAt'] === 'string' ? `, returns at ${detail['resumeAt']}` : '';
  const why = reasons[word(detail['reason'])] ?? '';
  return `status ${word(detail['from'])} → ${word(detail['to'])}${name}${returns}${why}`;
}

/** Why a status changed that nobody changed by hand. */
const reasons: Readonly<Record<string, string>> = {
  resumed: ': its time had come',
  'auto-closed': ': resolved long enough ago',
  'customer-silent': ': no answer from the customer',
};

function explanation(reason: unknown): string {
  if (typeof reason !== 'object' || reason === null) return 'by hand';
  return 'explanation' in reason && typeof reason.explanation === 'string' ? reason.explanation : 'by hand';
}
