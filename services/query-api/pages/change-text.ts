import type { TimelineEntry } from '#contracts/api/tickets.ts';
import { attributeText } from './attribute-text.ts';

const word = (value: unknown): string => (typeof value === 'string' ? value : '–');

/** What changed, in one line. */
export function changeText({ kind, detail }: TimelineEntry): string {
  switch (kind) {
    case 'status':
      return `status ${word(detail['from'])} → ${word(detail['to'])}`;
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
      return attributeText(kind, detail);
  }
}

function explanation(reason: unknown): string {
  if (typeof reason !== 'object' || reason === null) return 'by hand';
  return 'explanation' in reason && typeof reason.explanation === 'string' ? reason.explanation : 'by hand';
}
