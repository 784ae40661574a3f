import { type Html, html } from '#packages/http/html.ts';

/** An instant (RFC 3339, UTC) to the minute. */
export const time = (instant: string): Html =>
  html`<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 16)}</time>`;

/** An instant to the millisecond, where the order of things within a second matters. */
export const exactTime = (instant: string): Html =>
  html`<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 23)}</time>`;

const units: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A duration by its two largest units: `2 h 5 min`; `–` for none. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  const first = units.findIndex(([, size]) => ms >= size);
  if (first === -1) return `${Math.round(ms)} ms`;
  let rest = ms;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter(Boolean).join(' ');
}

export const percent = (ratio: number | null): string => (ratio === null ? '–' : `${Math.round(ratio * 1_000) / 10} %`);

/** A word that tells a state, coloured by it. */
export const badge = (word: string): Html => html`<span class="badge ${word}">${word}</span>`;

export const bytes = (size: number): string => {
  if (size < 1_024) return `${size} B`;
  return size < 1_048_576 ? `${Math.round(size / 1_024)} KB` : `${Math.round(size / 104_857.6) / 10} MB`;
};
