import { Type } from 'typebox';
import { ArticleParams, LanguageQuery, type PublishedArticle, PublishedQuery } from '#contracts/api/articles.ts';
import { Strict } from '#contracts/primitives.ts';
import { type Html, html, Html as Markup } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { reads } from '../reading.ts';
import { findPublished, listPublished } from '../reads/articles.ts';
import { wantedLanguages } from '../reads/languages.ts';
import { nextLink } from '../reads/paging.ts';
import { publishedArticle, publishedSummary } from '../views/article.ts';
import type { PagesDeps } from './deps.ts';
import { bytes, time } from './format.ts';
import { pageSchema, sendPage } from './layout.ts';

/** A form sends its empty field as well. */
const PageQuery = Strict({ ...PublishedQuery.properties, q: Type.Optional(Type.String({ maxLength: 200 })) });

/** The text as it was sanitised before it entered the log; the policy of the page lets nothing of it run or load. */
const content = ({ html: formatted, text }: PublishedArticle): Html =>
  formatted === null
    ? html`<div class="text">${text}</div>`
    : html`<div class="article">${new Markup(formatted)}</div>`;

const files = ({ attachments }: PublishedArticle): Html | null => {
  const shown = attachments.filter(({ inline }) => !inline);
  return shown.length === 0
    ? null
    : html`<h2>Files</h2><ul class="files">${shown.map(
        ({ href, name, size }) => html`<li><a href="${href}">${name}</a> <span class="hint">${bytes(size)}</span></li>`,
      )}</ul>`;
};

/** The knowledge base for everybody with a browser: what is public, and more for who is signed in. */
export function registerKnowledgePages(app: HttpServer, deps: PagesDeps): void {
  const route = {
    preHandler: reads(deps, 'knowledge').preHandler,
    config: { access: 'public', session: true },
  } as const;

  app.get('/kb', { ...route, schema: { ...pageSchema, querystring: PageQuery } }, async (request, reply) => {
    const settings = deps.settings.current();
    const { category, lang, q = '' } = request.query;
    const { q: _typed, ...others } = request.query;
    const filter = q.trim() === '' ? others : request.query;
    const wanted = wantedLanguages(lang, request.headers['accept-language']);
    const { cursor, rows } = await listPublished(deps.db, filter, { settings, wanted, principal: request.principal });
    const next = nextLink(request.url, cursor);
    const items = rows.map((row) => publishedSummary(row, settings));
    const categories = settings
      .inForce('article-category')
      .filter(({ value }) => value.parentId === (category ?? null));
    const main = html`<h1>Knowledge base</h1>
      <form method="get" action="/kb" role="search">
        <label for="q">Search</label>
        <span class="one-line"><input id="q" name="q" maxlength="200" value="${q}"> <button type="submit">Search</button></span>
        ${lang !== undefined && html`<input type="hidden" name="lang" value="${lang}">`}
      </form>
      ${
        categories.length > 0 &&
        html`<p>${categories.map(({ id, value }) => html`<a href="/kb?category=${id}">${value.name}</a> `)}</p>`
      }
      ${items.length === 0 && html`<p>Nothing found.</p>`}
      <ul class="articles">${items.map(
        ({ category: of, excerpt, id, language, title }) =>
          html`<li lang="${language}"><a href="/kb/${id}?lang=${language}">${title}</a>${of && html` <span class="hint">${of.name}</span>`}<br>${excerpt}</li>`,
      )}</ul>
      ${next && html`<p><a href="${next}">More</a></p>`}`;
    return sendPage(reply, { title: 'Knowledge base', viewer: request.principal, path: '/kb', main });
  });

  app.get(
    '/kb/:article',
    { ...route, schema: { ...pageSchema, params: ArticleParams, querystring: LanguageQuery } },
    async (request, reply) => {
      const settings = deps.settings.current();
      const wanted = wantedLanguages(request.query.lang, request.headers['accept-language']);
      const { principal } = request;
      const row = await findPublished(deps.db, request.params.article, { settings, wanted, principal });
      if (!row) throw new AppError('ARTICLE_NOT_FOUND');
      const article = publishedArticle(row, settings);
      const others = article.languages.filter((language) => language !== article.language);
      const main = html`<article lang="${article.language}"><h1>${article.title}</h1>
        ${content(article)}${files(article)}</article>
        <p class="hint">Edition ${article.edition} of ${time(article.publishedAt)} UTC${article.category && html` · <a href="/kb?category=${article.category.id}">${article.category.name}</a>`}
        ${others.map((language) => html` · <a href="/kb/${article.id}?lang=${language}" hreflang="${language}">${language}</a>`)}</p>
        <p><a href="/kb">All articles</a></p>`;
      return sendPage(reply, { title: article.title, viewer: principal, path: '/kb', main });
    },
  );
}
