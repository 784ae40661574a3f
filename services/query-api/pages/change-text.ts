import type { TimelineEntry } from '#contracts/api/tickets.ts';
import { attributeText } from './attribute-text.ts';

const word = (value: unknown): string => (typeof value === 'string' ? value : '–');

const numberIn = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'number' in value ? String(value.number) : '–';

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
    case 'rating':
      return `rated ${String(detail['score'])} of 5`;
    case 'article':
      return `article used: ${word(detail['title'])}`;
    case 'merged':
      return `merged into #${numberIn(detail)}`;
    case 'unmerged':
      return `no longer merged into #${numberIn(detail)}`;
    case 'absorbed':
      return `#${numberIn(detail)} merged into this ticket`;
    case 'released':
      return `#${numberIn(detail)} no longer merged into this ticket`;
    case 'spam':
      return 'set aside as spam';
    case 'restored':
      return 'restored from spam';
    case 'linked':
      return `linked: ${word(detail['kind'])} #${numberIn(detail)}`;
    case 'unlinked':
      return `link taken away: ${word(detail['kind'])} #${numberIn(detail)}`;
    case 'parent':
      return detail['parent'] === null ? 'no longer part of another ticket' : `part of #${numberIn(detail['parent'])}`;
    case 'child-added':
      return `#${numberIn(detail)} is part of this ticket`;
    case 'child-removed':
      return `#${numberIn(detail)} is no longer part of this ticket`;
    case 'comment-moved':
      return `message moved to #${numberIn(detail['to'])}`;
    case 'macro':
      return `macro ${word(detail['name'])}`;
    case 'undone':
      return 'a change was taken back';
    case 'comment-edited':
      return 'a note was written anew';
    case 'comment-redacted':
      return `taken out of a message: ${word(detail['reason'])}`;
    case 'created':
    case 'comment':
      return kind;
    default:
      return attributeText(kind, detail);
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
  if ('kind' in reason && reason.kind === 'undone') return 'as before';
  const escalated = 'kind' in reason && reason.kind === 'escalation' ? 'handed over to the line above: ' : '';
  return 'explanation' in reason && typeof reason.explanation === 'string' ? escalated + reason.explanation : 'by hand';
}
