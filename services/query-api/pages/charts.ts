import { type Html, html } from '#packages/http/html.ts';

type Series = { readonly name: string; readonly className: string; readonly values: readonly number[] };

const width = 560;
const height = 180;
const margin = { left: 36, bottom: 22, top: 10 };
const plot = { width: width - margin.left, height: height - margin.bottom - margin.top };

/** A round number at or above the greatest value, so that the scale can be read. */
function ceilingOf(values: readonly number[]): number {
  const greatest = Math.max(1, ...values);
  const magnitude = 10 ** Math.floor(Math.log10(greatest));
  return [1, 2, 5, 10].map((step) => step * magnitude).find((step) => step >= greatest) ?? greatest;
}

const y = (value: number, ceiling: number): number => margin.top + plot.height * (1 - value / ceiling);
const fixed = (value: number): string => value.toFixed(1);

const frame = (title: string, labels: readonly string[], ceiling: number, content: Html): Html => html`
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" class="chart">
  ${[0, ceiling / 2, ceiling].map(
    (
      value,
    ) => html`<line class="grid" x1="${margin.left}" x2="${width}" y1="${fixed(y(value, ceiling))}" y2="${fixed(y(value, ceiling))}"/>
      <text x="${margin.left - 4}" y="${fixed(y(value, ceiling) + 4)}" text-anchor="end">${value}</text>`,
  )}
  <text x="${margin.left}" y="${height - 4}">${labels[0] ?? ''}</text>
  <text x="${width}" y="${height - 4}" text-anchor="end">${labels.at(-1) ?? ''}</text>
  ${content}
</svg>`;

const legend = (series: readonly Series[]): Html =>
  html`<p class="legend">${series.map(({ name, className }) => html`<span class="key ${className}"></span> ${name} `)}</p>`;

/** Bars of several series side by side, one group per label. */
export function barChart(title: string, labels: readonly string[], series: readonly Series[]): Html {
  const ceiling = ceilingOf(series.flatMap(({ values }) => values));
  const slot = plot.width / Math.max(1, labels.length);
  const bar = (slot * 0.8) / series.length;
  const bars = series.flatMap(({ className, values, name }, row) =>
    values.map((value, index) => {
      const x = margin.left + index * slot + slot * 0.1 + row * bar;
      const top = y(value, ceiling);
      const tall = margin.top + plot.height - top;
      return html`<rect class="${className}" x="${fixed(x)}" y="${fixed(top)}" width="${fixed(bar)}" height="${fixed(tall)}"><title>${labels[index] ?? ''} ${name}: ${value}</title></rect>`;
    }),
  );
  return html`<figure><figcaption>${title}</figcaption>${frame(title, labels, ceiling, html`${bars}`)}${legend(series)}</figure>`;
}

/** One line over the labels. */
export function lineChart(title: string, labels: readonly string[], { className, values }: Series): Html {
  const ceiling = ceilingOf(values);
  const slot = plot.width / Math.max(1, labels.length);
  const points = values.map(
    (value, index) => `${fixed(margin.left + (index + 0.5) * slot)},${fixed(y(value, ceiling))}`,
  );
  const line = html`<polyline class="${className}" points="${points.join(' ')}"/>`;
  return html`<figure><figcaption>${title}</figcaption>${frame(title, labels, ceiling, line)}</figure>`;
}
