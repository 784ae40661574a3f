import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { filesBelow, pathOf, textOf } from '#tests/support/infra.ts';

/** `a/{b,c}.ts` as the shell expands it. */
const expanded = (path: string): string[] => {
  const [, before = '', names = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return names === '' ? [path] : names.split(',').map((name) => before + name + after);
};

it.each(['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))])(
  '%s names tests that there are',
  (document) => {
    const named = [...textOf(document).matchAll(/`(tests\/[^`*\s]+)`/g)].flatMap(([, path = '']) => expanded(path));
    expect(named.filter((path) => !existsSync(pathOf(path)))).toEqual([]);
  },
);
