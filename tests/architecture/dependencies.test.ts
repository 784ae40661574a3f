import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import extractTypeScriptConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { beforeAll, describe, expect, it } from 'vitest';

const folders = ['contracts', 'packages', 'projections', 'services', 'tests'];

const sources = async (pattern: string): Promise<string[]> => (await Array.fromAsync(glob(pattern))).sort();

describe('dependencies', () => {
  let result: ICruiseResult;

  beforeAll(async () => {
    const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IConfiguration;
    const { output } = await cruise(
      folders,
      { ...options, ruleSet: { forbidden: forbidden ?? [] }, validate: true, outputType: 'json' },
      undefined,
      { tsConfig: extractTypeScriptConfig('tsconfig.json') },
    );
    result = JSON.parse(String(output)) as ICruiseResult;
  });

  it('are all read: a checker that sees no modules is green for nothing', async () => {
    const files = await sources('{contracts,packages,projections,services}/**/*.ts');
    const seen = new Set(result.modules.map(({ source }) => source));
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => !seen.has(file))).toEqual([]);
  });

  it('point one way', () => {
    const violations = result.summary.violations.map(({ from, rule, to }) => `${rule.name}: ${from} → ${to}`);
    expect(violations).toEqual([]);
  });
});

describe('sources', () => {
  it('read the environment and handle signals in services/*/main.ts only', async () => {
    const files = await sources('{contracts,packages,projections,services}/**/*.ts');
    const guilty = files.filter(
      (file) =>
        !/^services\/[^/]+\/main\.ts$/.test(file) && /process\.(env|on|once|exit)\b/.test(readFileSync(file, 'utf8')),
    );
    expect(guilty).toEqual([]);
  });

  it('hold no room too many: at most 350 lines a file, and no barrels', async () => {
    const files = await sources('{contracts,packages,projections,services,tests}/**/*.ts');
    expect(files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 351)).toEqual([]);
    expect(files.filter((file) => /\/(index|utils|helpers)\.ts$/.test(file))).toEqual([]);
  });
});
