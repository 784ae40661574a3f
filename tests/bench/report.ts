import { writeFile } from 'node:fs/promises';

export type Result = {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly context: string;
};

export const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
};

const header = ['benchmark', 'ours', 'baseline', 'ratio', 'unit', 'context'];

/** The results as an aligned table. */
export function table(results: readonly Result[]): string {
  const figures = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  const rows = results.map(({ name, ours, baseline, ratio, unit, context }) => [
    name,
    figures.format(ours),
    figures.format(baseline),
    ratio.toFixed(2),
    unit,
    context,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        /^[\d.,]+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export const writeResults = (file: URL, results: readonly Result[]): Promise<void> =>
  writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
