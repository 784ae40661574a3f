import { escapeHtml } from '#packages/kernel/escape-html.ts';

/** Text that is HTML already and must not be escaped again. Only `html` makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | bigint | boolean | null | undefined | readonly HtmlValue[];

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  return escapeHtml(String(value));
}

/**
 * Template tag: every value is escaped unless it is itself a result of this tag. Arrays are joined; null, undefined and
 * booleans give nothing, so that `condition && html`…`` reads well. Attribute values must be written in quotes.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(parts.map((part, index) => part + render(values[index])).join(''));
