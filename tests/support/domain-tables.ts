import type { RouteOptions } from 'fastify';
import { statuses } from '#contracts/primitives.ts';
import { type ProblemCode, problems } from '#contracts/problems.ts';
import { outcomes } from '#packages/domain/outcomes.ts';
import { automaticTransitions } from '#packages/domain/ticket/lifecycle.ts';
import { transitions } from '#packages/domain/ticket/status.ts';
import { createBareApp } from './openapi.ts';
import { refusalsOf } from './route-refusals.ts';

type Way = { readonly route: string; readonly roles: string; readonly codes: readonly string[] };

/** The ways over REST to each command. */
async function waysIn(): Promise<ReadonlyMap<string, readonly Way[]>> {
  const ways = new Map<string, Way[]>();
  const app = await createBareApp((route: RouteOptions) => {
    const { access, commands } = route.config ?? {};
    for (const command of commands ?? []) {
      const roles = access === 'public' ? 'everybody' : (access ?? []).join(', ');
      const way = {
        route: `${String(route.method)} ${route.url}`,
        roles,
        codes: refusalsOf(route),
      };
      ways.set(command, [...(ways.get(command) ?? []), way]);
    }
  });
  await app.close();
  return ways;
}

const code = (text: string): string => `\`${text}\``;

function commandRow(command: string, events: readonly string[], ways: readonly Way[]): string {
  const refusals = [...new Set(ways.flatMap(({ codes }) => codes))].sort();
  const who =
    ways.length === 0 ? 'services only' : ways.map(({ route, roles }) => `${code(route)}: ${roles}`).join('<br>');
  return `| ${code(command)} | ${events.map(code).join(' ')} | ${who} | ${refusals.map(code).join(' ')} |`;
}

const stateDiagram = (): string =>
  [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> new',
    ...statuses.flatMap((from) => transitions[from].map((to) => `  ${id(from)} --> ${id(to)}`)),
    '```',
  ].join('\n');

const byThemselves = (): string[] => [
  'Within a category a ticket may go from any custom status to any other. What happens by itself:',
  '',
  '| from | to | when |\n|---|---|---|',
  ...automaticTransitions.map(({ from, to, when }) => `| ${from.map(code).join(' ')} | ${code(to)} | ${when} |`),
];

/** Mermaid takes no hyphens in names of states. */
const id = (status: string): string => status.replaceAll('-', '_');

/** docs/domain.md between its marks: the state diagram, and what each command leads to, who may send it and how it is refused. */
export async function domainTables(): Promise<string> {
  const ways = await waysIn();
  const known = new Set(Object.values(outcomes).flatMap((table) => Object.keys(table)));
  for (const command of ways.keys()) if (!known.has(command)) throw new Error(`a route names the command ${command}`);
  const sections = Object.entries(outcomes).map(([stream, table]) => {
    const rows = Object.entries(table).map(([command, events]) => commandRow(command, events, ways.get(command) ?? []));
    return [
      `## Commands on a stream of kind ${stream}\n`,
      '| command | events | who may, and how | refused with |\n|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  const refusals = Object.entries(problems).map(
    ([name, { status, title }]: [string, (typeof problems)[ProblemCode]]) => `| ${code(name)} | ${status} | ${title} |`,
  );
  return [
    '## Statuses of a ticket\n',
    stateDiagram(),
    '',
    ...byThemselves(),
    '',
    sections.join('\n\n'),
    '',
    '## Refusals\n',
    '| code | status | what it says |\n|---|---|---|',
    ...refusals,
    '',
  ].join('\n');
}
