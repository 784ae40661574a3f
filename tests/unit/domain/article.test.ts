import { describe, expect, test } from 'vitest';
import type { ArticleContent, ArticleEvent } from '#contracts/events/article.ts';
import { type ArticleCommand, article, maxLanguages } from '#packages/domain/article/article.ts';
import { setting } from '#packages/domain/setting.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';

const category = (id: string, parentId: string | null = null) => ({
  kind: 'article-category' as const,
  id,
  value: { name: id, parentId },
});
const settings = settingsOf(category('hardware'), category('printers', 'hardware'));
const facts = { settings };
const place = { categoryId: null, services: [], tags: [] };
const by = '00000000-0000-4000-8000-000000000001';

const says = (text: string): ArticleContent => ({ title: 'Toner', text, html: null, attachments: [] });
const created: ArticleEvent = { type: 'ArticleCreated', data: { visibility: 'internal', place } };
const drafted = (text: string, language = 'en'): ArticleEvent => ({
  type: 'ArticleDrafted',
  data: { language, content: says(text) },
});
const changed = (text: string): ArticleEvent => ({
  type: 'ArticleDraftChanged',
  data: { language: 'en', content: says(text) },
});
const published = (edition: number): ArticleEvent => ({ type: 'ArticlePublished', data: { language: 'en', edition } });
const unpublished: ArticleEvent = { type: 'ArticleUnpublished', data: { language: 'en', edition: 1 } };
const archived: ArticleEvent = { type: 'ArticleArchived', data: { reason: null } };
const rated = (helpful: 'yes' | 'no', edition = 1): ArticleEvent => ({
  type: 'ArticleRated',
  data: { language: 'en', edition, helpful, comment: null, by },
});

const save = (text: string, language = 'en'): ArticleCommand => ({
  type: 'SaveArticleDraft',
  data: { language, content: says(text) },
});
const publish: ArticleCommand = { type: 'PublishArticle', data: { language: 'en' } };
const unpublish: ArticleCommand = { type: 'UnpublishArticle', data: { language: 'en' } };
const rate = (helpful: 'yes' | 'no'): ArticleCommand => ({
  type: 'RateArticle',
  data: { language: 'en', helpful, comment: null, by },
});
const create = (changes: object = {}): ArticleCommand => ({
  type: 'CreateArticle',
  data: { language: 'en', content: says('one'), visibility: 'internal', place, ...changes },
});
const begun = [created, drafted('one')];

describe('an article', () => {
  test('begins with a draft, once', () => {
    given(article)
      .when(create(), facts)
      .thenEvents(...begun);
    given(article, ...begun)
      .when(create(), facts)
      .thenRejects('ARTICLE_EXISTS');
    given(article).when(publish, facts).thenRejects('ARTICLE_NOT_FOUND');
  });

  test('is put only where there is something', () => {
    const to = (changes: object) => create({ place: { ...place, ...changes } });
    given(article)
      .when(to({ categoryId: 'cars' }), facts)
      .thenRejects('UNKNOWN_CATEGORY', { pointers: ['/categoryId'] });
    given(article)
      .when(to({ services: ['cars'] }), facts)
      .thenRejects('UNKNOWN_SERVICE', { pointers: ['/services/0'] });
    const placed = { ...place, categoryId: 'printers' };
    const move: ArticleCommand = { type: 'PlaceArticle', data: { to: placed } };
    const moved: ArticleEvent = { type: 'ArticlePlaced', data: { from: place, to: placed } };
    given(article, ...begun)
      .when(move, facts)
      .thenEvents(moved);
    given(article, ...begun, moved)
      .when(move, facts)
      .thenNothing();
  });

  test('changes its draft as often as that says something else', () => {
    given(article, ...begun)
      .when(save('two'), facts)
      .thenEvents(changed('two'));
    given(article, ...begun)
      .when(save('one'), facts)
      .thenNothing();
    given(article, ...begun)
      .when(save('eins', 'DE-at'), facts)
      .thenEvents(drafted('eins', 'de-AT'));
    given(article, ...begun)
      .when(save('?', 'x'), facts)
      .thenRejects('LANGUAGE_INVALID');
    const many = Array.from({ length: maxLanguages - 1 }, (_, n) => drafted('x', `en-x-${n}`));
    given(article, ...begun, ...many)
      .when(save('eins', 'de'), facts)
      .thenRejects('TOO_MANY_TRANSLATIONS');
    given(article, ...begun, ...many)
      .when(save('two'), facts)
      .thenEvents(changed('two'));
  });

  test('publishes each text once, under the next number', () => {
    given(article, ...begun)
      .when(publish, facts)
      .thenEvents(published(1));
    given(article, ...begun, published(1))
      .when(publish, facts)
      .thenNothing();
    given(article, ...begun, published(1), changed('two'))
      .when(publish, facts)
      .thenEvents(published(2));
    given(article, ...begun, published(1), unpublished)
      .when(publish, facts)
      .thenEvents(published(2));
    given(article, ...begun, published(1))
      .when(unpublish, facts)
      .thenEvents(unpublished);
    given(article, ...begun)
      .when(unpublish, facts)
      .thenNothing();
    const other: ArticleCommand = { type: 'PublishArticle', data: { language: 'de' } };
    given(article, ...begun)
      .when(other, facts)
      .thenRejects('TRANSLATION_NOT_FOUND');
  });

  test('keeps what is published while the draft goes on', () => {
    const { state } = given(article, ...begun, published(1), changed('two'));
    const { draft, published: now } = state.translations.get('en')!;
    expect([draft.text, now?.content.text]).toEqual(['two', 'one']);
  });

  test('holds one word of each person, about what is published', () => {
    given(article, ...begun)
      .when(rate('yes'), facts)
      .thenRejects('ARTICLE_NOT_PUBLISHED');
    given(article, ...begun, published(1))
      .when(rate('yes'), facts)
      .thenEvents(rated('yes'));
    given(article, ...begun, published(1), rated('yes'))
      .when(rate('yes'), facts)
      .thenNothing();
    given(article, ...begun, published(1), rated('yes'))
      .when(rate('no'), facts)
      .thenEvents(rated('no'));
  });

  test('is left alone while it is archived', () => {
    const archive: ArticleCommand = { type: 'ArchiveArticle', data: { reason: null } };
    const restore: ArticleCommand = { type: 'RestoreArticle', data: { reason: null } };
    given(article, ...begun)
      .when(archive, facts)
      .thenEvents(archived);
    given(article, ...begun, archived)
      .when(archive, facts)
      .thenNothing();
    given(article, ...begun)
      .when(restore, facts)
      .thenNothing();
    given(article, ...begun, archived)
      .when(restore, facts)
      .thenEvents({ type: 'ArticleRestored', data: { reason: null } });
    const visible: ArticleCommand = { type: 'ChangeArticleVisibility', data: { to: 'public' } };
    for (const command of [save('two'), publish, unpublish, rate('yes'), visible])
      given(article, ...begun, archived)
        .when(command, facts)
        .thenRejects('ARTICLE_ARCHIVED');
    const opened: ArticleEvent = { type: 'ArticleVisibilityChanged', data: { from: 'internal', to: 'public' } };
    given(article, ...begun)
      .when(visible, facts)
      .thenEvents(opened);
    given(article, ...begun, opened)
      .when(visible, facts)
      .thenNothing();
  });
});

describe('categories', () => {
  const put = (id: string, parentId: string | null) =>
    given(setting).when(
      { type: 'SaveSetting', data: { kind: 'article-category', id, value: { name: id, parentId } } },
      facts,
    );

  test('are a tree', () => {
    put('scanners', 'hardware').events();
    put('scanners', 'cars').thenRejects('SETTING_INVALID', { pointers: ['/value/parentId'] });
    put('hardware', 'printers').thenRejects('SETTING_INVALID', { pointers: ['/value/parentId'] });
  });

  test('stay while others are part of them', () => {
    const data = { kind: 'article-category' as const, id: 'hardware' };
    const saved = { type: 'SettingSaved' as const, data: { ...data, value: { name: 'hardware', parentId: null } } };
    given(setting, saved).when({ type: 'RemoveSetting', data }, facts).thenRejects('SETTING_IN_USE');
  });
});
