import { readFile } from 'node:fs/promises';
import { DeskConfig } from '#services/desk/config.ts';

const begin = '<!-- variables: written by `make generate` -->\n';
const end = '<!-- /variables -->';

type About = { default?: unknown; description?: string };

/** docs/operations.md with its table of variables as the configuration schema has them now. */
export async function operationsText(path: URL): Promise<string> {
  const text = await readFile(path, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.slice(rest.indexOf(end));
  if (before === undefined || after === undefined) throw new Error(`${path.pathname} has no place for the variables`);
  const rows = Object.entries(DeskConfig.properties).map(([name, schema]) => {
    const about = schema as About;
    return `| \`${name}\` | ${about.default === undefined ? '' : `\`${about.default}\``} | ${about.description ?? ''} |`;
  });
  return [before, begin, '| variable | default | what it is |\n|---|---|---|\n', `${rows.join('\n')}\n`, after].join(
    '',
  );
}
