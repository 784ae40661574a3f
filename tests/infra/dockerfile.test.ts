import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pathOf, textOf } from '#tests/support/infra.ts';

type Instruction = { readonly name: string; readonly rest: string };

/** Instructions of a Dockerfile, continued lines joined, comments left out. */
function instructionsOf(path: string): Instruction[] {
  const lines = textOf(path)
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    return { name, rest };
  });
}

const all = instructionsOf('infra/Dockerfile');
const of = (name: string) => all.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));

describe('infra/Dockerfile', () => {
  it('begins from pinned images, the last of them without build tools', () => {
    expect(of('FROM')).toHaveLength(2);
    for (const from of of('FROM'))
      expect(from).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+slim( AS [a-z]+)?$|^debian:\d+\.\d+-slim$/);
    expect(last[0]?.rest).toMatch(/^debian:/);
  });

  it('runs as a user that is not root, by number, and starts Node itself, without a shell in between', () => {
    expect(of('USER')).toEqual(['10001:10001']);
    expect(last.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ name }) => name === 'RUN'),
    );
    for (const name of ['ENTRYPOINT', 'CMD']) for (const rest of of(name)) expect(() => JSON.parse(rest)).not.toThrow();
    expect(of('HEALTHCHECK')[0]).toMatch(/ CMD \["/);
    expect(JSON.parse(of('ENTRYPOINT')[0]!)).toEqual(['/desk/node_modules/.bin/node']);
  });

  it('installs what the lock file names, without tests’ packages and without running their scripts', () => {
    const install = of('RUN').find((run) => run.includes('npm'));
    expect(install).toMatch(/^npm ci --omit=dev --ignore-scripts /);
    expect(of('RUN').join(' ')).not.toMatch(/npm install|npx|curl|wget|sudo|latest/);
  });

  it('pins packages of the system, takes no recommended ones and leaves no lists', () => {
    const apt = of('RUN').filter((run) => run.includes('apt-get install'));
    expect(apt).toHaveLength(1);
    expect(apt[0]).toMatch(/--no-install-recommends '[a-z0-9]+=[^']+' && rm -rf \/var\/lib\/apt\/lists\/\*$/);
  });

  it('fetches nothing by ADD and holds no secret', () => {
    expect(of('ADD')).toEqual([]);
    expect(of('ENV').join(' ')).not.toMatch(/SECRET|PASSWORD|TOKEN|:\/\//);
    expect(of('ARG')).toEqual([]);
  });

  it('copies every folder that a service imports from, and .dockerignore lets just that through', () => {
    const copied = of('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    const { imports } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { imports: Record<string, string> };
    const folders = Object.values(imports).map((target) => target.split('/')[1]!);
    expect(copied).toEqual(expect.arrayContaining(folders.filter((folder) => folder !== 'tests')));
    expect(readdirSync(pathOf('.'))).toEqual(expect.arrayContaining(copied.map((path) => path.split('/')[0])));

    const [everything, ...lines] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(allowed.filter((path) => path !== 'infra').sort()).toEqual([...new Set(copied)].sort());
  });
});
