import { streams } from '#contracts/events/streams.ts';
import { type ArticleCommand, article } from '#packages/domain/article/article.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';

/** The write side of the knowledge base. Rejects with what the decider of articles refuses with. */
export function createArticleCommands({
  handle,
  settings,
}: {
  handle: CommandHandler;
  settings: { current(): SettingsLookup };
}) {
  const run = commandsOf(handle, article);
  const change = async (id: string, command: ArticleCommand, context: CommandContext): Promise<Outcome> =>
    outcomeOf(await run(streams.article(id), command, context, () => ({ settings: settings.current() })));

  return {
    /** Begins an article. Its id follows from the command id, so that a retry meets the same stream. */
    async create(
      data: Extract<ArticleCommand, { type: 'CreateArticle' }>['data'],
      context: CommandContext,
    ): Promise<Outcome & { articleId: string }> {
      const articleId = idFrom('article', context.commandId);
      return { ...(await change(articleId, { type: 'CreateArticle', data }, context)), articleId };
    },
    /** Any change of an article that exists. */
    change,
  };
}

export type ArticleCommands = ReturnType<typeof createArticleCommands>;
