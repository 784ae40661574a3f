/**
 * Writes the descriptions of the API that are generated from the code: `npm run generate`. With `--check` it writes
 * nothing and exits with 1 when a committed one is stale.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { openapiText } from './openapi.ts';

const target = new URL('../../contracts/openapi.json', import.meta.url);
const text = await openapiText();

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== text) {
    process.stderr.write('contracts/openapi.json is stale: run npm run generate\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
  process.stdout.write(`contracts/openapi.json: ${text.length} bytes\n`);
}
