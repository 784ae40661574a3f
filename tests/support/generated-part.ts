import { readFile } from 'node:fs/promises';

/** The text of a file with what stands between two marks replaced. Throws when a mark is missing. */
export async function withGeneratedPart(
  path: URL,
  { begin, end, part }: { begin: string; end: string; part: string },
): Promise<string> {
  const text = await readFile(path, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.slice(rest.indexOf(end));
  if (before === undefined || after === undefined)
    throw new Error(`${path.pathname} has no place for what is generated`);
  return [before, begin, part, after].join('');
}
