import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import type { HttpServer } from '#packages/http/instance.ts';
import type { PagesDeps } from './deps.ts';
import { registerFrontPage } from './front.ts';
import { registerKnowledgePages } from './knowledge.ts';
import { registerKpiPage } from './kpi.ts';
import { registerOutboxPages } from './outbox.ts';
import { registerQueuesPage } from './queues.ts';
import { registerReplayByNumber, registerReplayPage } from './replay.ts';
import { registerSatisfactionPage } from './satisfaction.ts';
import { registerSession } from './session.ts';
import { registerTicketPage } from './ticket.ts';

/** Mounts the pages: HTML made here, one style sheet, no script, nothing from anywhere else. */
export async function registerPages(root: HttpServer, deps: PagesDeps): Promise<void> {
  const style = await readFile(new URL('style.css', import.meta.url), 'utf8');

  await root.register((app: HttpServer, _options, done) => {
    registerSession(app, deps);
    registerFrontPage(app, deps);
    registerQueuesPage(app, deps);
    registerTicketPage(app, deps);
    registerReplayPage(app, deps);
    registerReplayByNumber(app);
    registerOutboxPages(app, deps);
    registerKpiPage(app, deps);
    registerSatisfactionPage(app, deps);
    registerKnowledgePages(app, deps);

    app.get(
      '/style.css',
      {
        config: { access: 'public' },
        schema: {
          hide: true,
          response: { 200: { description: 'Style sheet', content: { 'text/css': { schema: Type.String() } } } },
        },
      },
      async (_request, reply) => reply.header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(style),
    );
    done();
  });
}
