import type { FastifyRequest } from 'fastify';
import type { Problem } from '#contracts/api/problem.ts';
import { html } from '#packages/http/html.ts';
import { pagePolicy } from '#packages/http/security-headers.ts';
import { layout } from './layout.ts';
import { signInForm } from './sign-in.ts';

/** A refusal for somebody with a browser; who is not signed in can do so right there. */
export function problemPage(
  problem: Problem,
  request: FastifyRequest,
): { body: string; contentSecurityPolicy: string } {
  const next = request.method === 'GET' ? request.url : '/';
  const main = html`
    <h1>${problem.title}</h1>
    <p>${problem.detail}</p>
    ${(problem.errors ?? []).map(({ pointer, detail }) => html`<p><code>${pointer}</code> ${detail}</p>`)}
    ${problem.code === 'UNAUTHENTICATED' && signInForm(next)}
    <p class="hint">${problem.code} · trace ${problem.traceId}</p>`;
  const body = layout({ title: problem.title, viewer: request.principal, path: '', main });
  return { body, contentSecurityPolicy: pagePolicy };
}
