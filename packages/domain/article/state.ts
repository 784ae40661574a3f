import type { ArticleContent, ArticleEvent, ArticlePlace, ArticleVisibility } from '#contracts/events/article.ts';
import type { Recorded } from '#packages/domain/decider.ts';

export type Translation = {
  readonly draft: ArticleContent;
  /** Editions published so far. */
  readonly editions: number;
  /** What readers see; null: nothing is published. */
  readonly published: { readonly edition: number; readonly content: ArticleContent } | null;
  /** The newest edition, published or not. */
  readonly newest: ArticleContent | null;
};

type Rating = {
  readonly language: string;
  readonly edition: number;
  readonly helpful: 'yes' | 'no';
  readonly comment: string | null;
};

export type ArticleState = {
  readonly exists: boolean;
  readonly archived: boolean;
  readonly visibility: ArticleVisibility;
  readonly place: ArticlePlace;
  readonly translations: ReadonlyMap<string, Translation>;
  /** The word of each person who said whether it helped. */
  readonly ratings: ReadonlyMap<string, Rating>;
};

export const initial = (): ArticleState => ({
  exists: false,
  archived: false,
  visibility: 'internal',
  place: { categoryId: null, services: [], tags: [] },
  translations: new Map(),
  ratings: new Map(),
});

/** Applies one event. Total. */
export function evolve(state: ArticleState, event: Recorded<ArticleEvent>): ArticleState {
  switch (event.type) {
    case 'ArticleCreated':
      return { ...state, exists: true, visibility: event.data.visibility, place: event.data.place };
    case 'ArticleVisibilityChanged':
      return { ...state, visibility: event.data.to };
    case 'ArticlePlaced':
      return { ...state, place: event.data.to };
    case 'ArticleArchived':
      return { ...state, archived: true };
    case 'ArticleRestored':
      return { ...state, archived: false };
    case 'ArticleRated': {
      const { by, ...rating } = event.data;
      return { ...state, ratings: new Map(state.ratings).set(by, rating) };
    }
    case 'ArticleDrafted':
    case 'ArticleDraftChanged':
    case 'ArticlePublished':
    case 'ArticleUnpublished': {
      const after = translated(state.translations.get(event.data.language), event);
      const { language } = event.data;
      return after ? { ...state, translations: new Map(state.translations).set(language, after) } : state;
    }
    default:
      return state;
  }
}

type OfLanguage = Extract<
  ArticleEvent,
  { type: 'ArticleDrafted' | 'ArticleDraftChanged' | 'ArticlePublished' | 'ArticleUnpublished' }
>;

/** One language after an event of it; undefined while it has no draft. */
function translated(before: Translation | undefined, event: OfLanguage): Translation | undefined {
  switch (event.type) {
    case 'ArticleDrafted':
    case 'ArticleDraftChanged':
      return { ...(before ?? { editions: 0, published: null, newest: null }), draft: event.data.content };
    case 'ArticlePublished': {
      const { edition } = event.data;
      return (
        before && { ...before, editions: edition, published: { edition, content: before.draft }, newest: before.draft }
      );
    }
    case 'ArticleUnpublished':
      return before && { ...before, published: null };
    default:
      return event satisfies never;
  }
}
