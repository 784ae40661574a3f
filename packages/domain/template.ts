/**
 * Texts with places for values: `{{requester.name}}`, or `{{requester.name | there}}` with what stands there when there
 * is no value. Names and nothing else: no code, no conditions, and what is put in is not read again.
 */
type Place = { readonly name: string; readonly otherwise: string };
type Part = string | Place;

/** Variables besides `field.<id>`. `agent` is whoever uses the text. */
export const templateVariables = [
  'ticket.number',
  'ticket.subject',
  'ticket.status',
  'ticket.priority',
  'requester.name',
  'requester.email',
  'agent.name',
  'agent.email',
  'company.name',
  'group.name',
] as const;

const place = /\{\{([^{}|]*)(?:\|([^{}]*))?\}\}/g;

function partsOf(template: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: whole, 1: name = '', 2: otherwise = '', index } of template.matchAll(place)) {
    parts.push(template.slice(end, index), { name: name.trim(), otherwise: otherwise.trim() });
    end = index + whole.length;
  }
  return [...parts, template.slice(end)];
}

/** What is wrong with a template, in words; `knows` tells which variables there are. */
export function templateFaults(template: string, knows: (name: string) => boolean): string[] {
  return partsOf(template).flatMap((part) => {
    if (typeof part === 'string') return /\{\{|\}\}/.test(part) ? ['has {{ or }} that belongs to no variable'] : [];
    return knows(part.name) ? [] : [`has the variable {{${part.name}}}, which there is none of`];
  });
}

/** The text with values in their places; `value` gives '' where there is none, `escaped` makes values safe for the text. */
export const renderTemplate = (
  template: string,
  value: (name: string) => string,
  escaped: (text: string) => string = (text) => text,
): string =>
  partsOf(template)
    .map((part) => (typeof part === 'string' ? part : escaped(value(part.name).trim() || part.otherwise)))
    .join('');
