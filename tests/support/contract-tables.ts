import { readdir, readFile } from 'node:fs/promises';
import ts from 'typescript';

const folder = new URL('../contract/', import.meta.url);

/** The suites that every adapter of a port passes, and the function that declares each. */
const ports = [
  { port: 'event log', declares: 'describeEventStore', files: /^event-store(\/(?!kills|context).*)?\.ts$/ },
  { port: 'message bus', declares: 'describeMessageBus', files: /^message-bus(-failures)?\.ts$/ },
  { port: 'answers of EventStoreDB', declares: 'describeAnswers', files: /^eventstoredb-answers\.ts$/ },
  { port: 'files', declares: 'describeBlobStore', files: /^blob-store\.ts$/ },
] as const;

/** Names of tests of a file with those of the `describe`s around them. One that runs on several cases counts once. */
function rulesOf(name: string, text: string): string[] {
  const rules: string[] = [];
  const visit = (node: ts.Node, path: readonly string[]): void => {
    let inside = path;
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments;
      const called = node.expression.getText(source);
      if (title && ts.isStringLiteralLike(title)) {
        if (/^(test|it)\b/.test(called)) rules.push([...path, title.text].join(' '));
        if (/^describe\b/.test(called)) inside = [...path, title.text];
      }
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext);
  visit(source, []);
  return rules;
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Which adapters there are of each port, with the number of their contract tests, and what those tests say. */
export async function contractTables(): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await readFile(new URL(name, folder), 'utf8'));
  const rules = (matches: (name: string) => boolean) =>
    names.filter(matches).flatMap((name) => rulesOf(name, texts.get(name) ?? ''));

  const rows: string[] = [];
  const lists: string[] = [];
  for (const { declares, files, port } of ports) {
    const shared = rules((name) => files.test(name));
    for (const [name, text] of texts)
      for (const [, adapter] of text.matchAll(new RegExp(`^ *${declares}\\('([^']+)'`, 'gm')))
        rows.push(`| ${port} | ${adapter} | ${shared.length} | \`${name}\` |`);
    lists.push(`\n### ${port}: ${plural(shared.length, 'rule')}\n\n${shared.map((rule) => `- ${rule}\n`).join('')}`);
  }
  const own = names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => [name, rulesOf(name, texts.get(name) ?? '').length] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `| \`${name}\` | ${count} |\n`);
  return [
    `| port | adapter | rules of the port it passes | where |\n|---|---|---|---|\n${rows.join('\n')}\n`,
    `\nBeyond the ports, each adapter has tests of what only it does or suffers:\n\n| file | tests |\n|---|---|\n${own.join('')}`,
    ...lists,
  ].join('');
}
