import type { ArticleEvent } from '#contracts/events/article.ts';
import { streams } from '#contracts/events/streams.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { createStory } from './story.ts';
import { agentId, customerId } from './tickets.ts';

type Story = ReturnType<typeof createStory>;

const place = { categoryId: null, services: [], tags: ['print'] };
const content = (n: number) => ({ title: `Paper ${n}`, text: `Fill in paper ${n}`, html: null, attachments: [] });

/** What happens to an article from its creation on, over and over; rated and used by chance in between. */
const course = (n: number): readonly ArticleEvent[] => [
  { type: 'ArticleCreated', data: { visibility: 'public', place } },
  { type: 'ArticleDrafted', data: { language: 'en', content: content(n) } },
  { type: 'ArticlePublished', data: { language: 'en', edition: 1 } },
  { type: 'ArticleRated', data: { language: 'en', edition: 1, helpful: 'no', comment: null, by: customerId } },
  { type: 'ArticleDraftChanged', data: { language: 'en', content: content(n + 1) } },
  { type: 'ArticlePublished', data: { language: 'en', edition: 2 } },
  { type: 'ArticleRated', data: { language: 'en', edition: 2, helpful: 'yes', comment: 'Yes', by: customerId } },
  { type: 'ArticleVisibilityChanged', data: { from: 'public', to: 'customers' } },
  { type: 'ArticleArchived', data: { reason: null } },
  { type: 'ArticleRestored', data: { reason: null } },
];

/** The next thing that happens to one of two articles, or its use on a ticket. */
export function articleStep(step: { story: Story; ticketId: string; at: string; pick: number }): void {
  const { at, pick, story, ticketId } = step;
  const articleId = idFrom('history article', pick % 2);
  const stream = streams.article(articleId);
  const so = story.log.filter((event) => event.stream === stream).length;
  const next = course(pick)[so];
  if (next && pick % 3 > 0) story.add(stream, next, { at, actor: { kind: 'person', id: agentId } });
  else if (so > 2) {
    const data = { articleId, language: 'en', edition: 1, title: 'Paper', commentId: null };
    story.play(ticketId, { type: 'AttachArticle', data }, { at });
  }
}
