import { Value } from 'typebox/value';
import type { ArticleContent, ArticleEvent, ArticlePlace, ArticleVisibility } from '#contracts/events/article.ts';
import type { Decider } from '#packages/domain/decider.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { readLanguage } from '#packages/domain/ticket/attributes.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { type ArticleState, evolve, initial, type Translation } from './state.ts';

type Command<T extends string, D> = { readonly type: T; readonly data: D };
type Draft = { readonly language: string; readonly content: ArticleContent };

export type ArticleCommand =
  | Command<'CreateArticle', Draft & { readonly visibility: ArticleVisibility; readonly place: ArticlePlace }>
  | Command<'SaveArticleDraft', Draft>
  | Command<'PublishArticle', { readonly language: string }>
  | Command<'UnpublishArticle', { readonly language: string }>
  | Command<'ChangeArticleVisibility', { readonly to: ArticleVisibility }>
  | Command<'PlaceArticle', { readonly to: ArticlePlace }>
  | Command<'ArchiveArticle', { readonly reason: string | null }>
  | Command<'RestoreArticle', { readonly reason: string | null }>
  | Command<
      'RateArticle',
      {
        readonly language: string;
        readonly helpful: 'yes' | 'no';
        readonly comment: string | null;
        readonly by: string;
      }
    >;
type Of<T extends ArticleCommand['type']> = Extract<ArticleCommand, { type: T }>['data'];

export type ArticleFacts = { readonly settings: SettingsLookup };

/** More languages than that nobody keeps up to date, and every command reads the whole stream. */
export const maxLanguages = 50;

/**
 * One article of the knowledge base. Drafts change as often as one likes; publishing freezes the draft as the next
 * edition, which stays readable for good. Refuses with ARTICLE_NOT_FOUND, ARTICLE_EXISTS, ARTICLE_ARCHIVED,
 * ARTICLE_NOT_PUBLISHED, TRANSLATION_NOT_FOUND, TOO_MANY_TRANSLATIONS, LANGUAGE_INVALID, UNKNOWN_CATEGORY and
 * UNKNOWN_SERVICE.
 */
export const article: Decider<ArticleState, ArticleCommand, ArticleEvent, ArticleFacts> = {
  initial,
  evolve,
  decide(command, state, { settings }) {
    if (command.type === 'CreateArticle') return create(command.data, state, settings);
    if (!state.exists) throw new AppError('ARTICLE_NOT_FOUND');
    switch (command.type) {
      case 'RestoreArticle':
        return state.archived ? [{ type: 'ArticleRestored', data: command.data }] : [];
      case 'ArchiveArticle':
        return state.archived ? [] : [{ type: 'ArticleArchived', data: command.data }];
      default:
        return changed(command, state, settings);
    }
  },
};

function create(
  { content, language: tag, place, visibility }: Of<'CreateArticle'>,
  state: ArticleState,
  settings: SettingsLookup,
): ArticleEvent[] {
  if (state.exists) throw new AppError('ARTICLE_EXISTS');
  checkPlace(place, settings);
  const language = readLanguage(tag, '/language');
  return [
    { type: 'ArticleCreated', data: { visibility, place } },
    { type: 'ArticleDrafted', data: { language, content } },
  ];
}

type Change = Exclude<ArticleCommand, { type: 'CreateArticle' | 'RestoreArticle' | 'ArchiveArticle' }>;

function changed(command: Change, state: ArticleState, settings: SettingsLookup): ArticleEvent[] {
  if (state.archived) throw new AppError('ARTICLE_ARCHIVED');
  switch (command.type) {
    case 'SaveArticleDraft':
      return save(command.data, state);
    case 'PublishArticle':
      return publish(command.data, state);
    case 'UnpublishArticle':
      return unpublish(command.data, state);
    case 'RateArticle':
      return rate(command.data, state);
    case 'ChangeArticleVisibility': {
      const { to } = command.data;
      const from = state.visibility;
      return from === to ? [] : [{ type: 'ArticleVisibilityChanged', data: { from, to } }];
    }
    case 'PlaceArticle': {
      const { to } = command.data;
      if (Value.Equal(state.place, to)) return [];
      checkPlace(to, settings);
      return [{ type: 'ArticlePlaced', data: { from: state.place, to } }];
    }
    default:
      return command satisfies never;
  }
}

function save({ content, language: tag }: Of<'SaveArticleDraft'>, { translations }: ArticleState): ArticleEvent[] {
  const language = readLanguage(tag, 'language');
  const known = translations.get(language);
  if (known)
    return Value.Equal(known.draft, content) ? [] : [{ type: 'ArticleDraftChanged', data: { language, content } }];
  if (translations.size >= maxLanguages)
    throw new AppError('TOO_MANY_TRANSLATIONS', { detail: `An article has at most ${maxLanguages} languages.` });
  return [{ type: 'ArticleDrafted', data: { language, content } }];
}

/** What is published already is not published again: an edition differs from the one before. */
function publish({ language: tag }: Of<'PublishArticle'>, state: ArticleState): ArticleEvent[] {
  const { language, translation } = translationOf(tag, state);
  if (translation.published && Value.Equal(translation.published.content, translation.draft)) return [];
  return [{ type: 'ArticlePublished', data: { language, edition: translation.editions + 1 } }];
}

function unpublish({ language: tag }: Of<'UnpublishArticle'>, state: ArticleState): ArticleEvent[] {
  const { language, translation } = translationOf(tag, state);
  const { published } = translation;
  return published ? [{ type: 'ArticleUnpublished', data: { language, edition: published.edition } }] : [];
}

function rate({ by, comment, helpful, language: tag }: Of<'RateArticle'>, state: ArticleState): ArticleEvent[] {
  const { language, translation } = translationOf(tag, state);
  if (!translation.published) throw new AppError('ARTICLE_NOT_PUBLISHED');
  const rating = { language, edition: translation.published.edition, helpful, comment };
  if (Value.Equal(state.ratings.get(by), rating)) return [];
  return [{ type: 'ArticleRated', data: { ...rating, by } }];
}

function translationOf(tag: string, state: ArticleState): { language: string; translation: Translation } {
  const language = readLanguage(tag, 'language');
  const translation = state.translations.get(language);
  if (!translation) throw new AppError('TRANSLATION_NOT_FOUND', { detail: `The article has no text in ${language}.` });
  return { language, translation };
}

function checkPlace({ categoryId, services }: ArticlePlace, settings: SettingsLookup): void {
  if (categoryId !== null && settings.current('article-category', categoryId) === null)
    throw new AppError('UNKNOWN_CATEGORY', { fields: [{ pointer: '/categoryId', detail: 'names no category' }] });
  const at = services.findIndex((id) => settings.current('service', id) === null);
  if (at !== -1)
    throw new AppError('UNKNOWN_SERVICE', { fields: [{ pointer: `/services/${at}`, detail: 'names no service' }] });
}
