import { DeskConfig } from '#services/desk/config.ts';
import { withGeneratedPart } from './generated-part.ts';

const begin = '<!-- variables: written by `make generate` -->\n';
const end = '<!-- /variables -->';

type About = { default?: unknown; description?: string };

/** docs/operations.md with its table of variables as the configuration schema has them now. */
export async function operationsText(path: URL): Promise<string> {
  const rows = Object.entries(DeskConfig.properties).map(([name, schema]) => {
    const about = schema as About;
    return `| \`${name}\` | ${about.default === undefined ? '' : `\`${about.default}\``} | ${about.description ?? ''} |`;
  });
  const part = `| variable | default | what it is |\n|---|---|---|\n${rows.join('\n')}\n`;
  return withGeneratedPart(path, { begin, end, part });
}
