/**
 * Writes what is generated from the code and committed: `make generate`. With `--check` it writes nothing and exits with
 * 1 when something committed is stale.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { contractTables } from './contract-tables.ts';
import { domainTables } from './domain-tables.ts';
import { withGeneratedPart } from './generated-part.ts';
import { openapiText } from './openapi.ts';
import { operationsText } from './variables-table.ts';

const root = new URL('../../', import.meta.url);
const operations = new URL('docs/operations.md', root);
const domain = new URL('docs/domain.md', root);
const contracts = new URL('docs/contracts.md', root);
const marks = { begin: '<!-- generated -->\n', end: '<!-- /generated -->' };
const generated = [
  { path: new URL('contracts/openapi.json', root), text: await openapiText() },
  { path: operations, text: await operationsText(operations) },
  { path: domain, text: await withGeneratedPart(domain, { ...marks, part: await domainTables() }) },
  { path: contracts, text: await withGeneratedPart(contracts, { ...marks, part: await contractTables() }) },
];

for (const { path, text } of generated) {
  const name = path.pathname.slice(root.pathname.length);
  const committed = await readFile(path, 'utf8').catch(() => '');
  if (committed === text) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${name} is stale: run make generate\n`);
    process.exitCode = 1;
  } else {
    await writeFile(path, text);
    process.stdout.write(`${name} written\n`);
  }
}
