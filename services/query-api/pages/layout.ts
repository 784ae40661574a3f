import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { type Html, html } from '#packages/http/html.ts';
import { pagePolicy } from '#packages/http/security-headers.ts';

export type Viewer = { readonly role: string } | null;

const sections = [
  { path: '/queues', name: 'Queues' },
  { path: '/outbox', name: 'Outbox' },
  { path: '/kpi', name: 'KPI' },
  { path: '/kb', name: 'Knowledge' },
  { path: '/docs', name: 'API' },
];

/** The frame around every page. `path` is that of the section to be marked as the present one. */
export function layout({
  title,
  viewer,
  path,
  main,
}: {
  title: string;
  viewer: Viewer;
  path: string;
  main: Html;
}): string {
  const signOut =
    viewer &&
    html`<form method="post" action="/session/end" class="session">
      <span>${viewer.role}</span> <button type="submit">Sign out</button>
    </form>`;
  const links = sections.map(
    (section) =>
      html`<a href="${section.path}"${path === section.path && html` aria-current="page"`}>${section.name}</a>`,
  );
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Deskledger</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><a class="name" href="/">Deskledger</a><nav>${links}</nav>${signOut}</header>
<main>${main}</main>
</body>
</html>
`;
  return page.text;
}

/** Response schema and documentation of a page: pages are no part of the API. */
export const pageSchema = {
  hide: true,
  response: { 200: { description: 'A page', content: { 'text/html': { schema: Type.String() } } } },
};

export const sendPage = (reply: FastifyReply, page: Parameters<typeof layout>[0]): FastifyReply =>
  reply.header('content-security-policy', pagePolicy).type('text/html; charset=utf-8').send(layout(page));

type Cell = Html | string | number;

/**
 * A table. Where the screen is narrow it scrolls by itself, or, when its rows are things rather than numbers, each row
 * becomes a block of lines with the heads beside them.
 */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  { stacks = false }: { stacks?: boolean } = {},
): Html =>
  html`<div class="scroll"><table${stacks && html` class="stacks"`}>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (cells) => html`<tr>${cells.map((cell, index) => html`<td data-head="${heads[index]}">${cell}</td>`)}</tr>`,
    )}</tbody>
  </table></div>`;
