import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Type } from 'typebox';
import type { HttpServer } from './instance.ts';
import { openapiDocument, operationId } from './openapi-document.ts';
import { docsPrefix } from './route-policy.ts';

const description = `Deskledger is a help desk whose event log is the truth.

**Changes** of a ticket need \`If-Match\` with the ETag you saw (or \`*\`). Send an \`Idempotency-Key\` and you may repeat any
change until you have an answer: it is done once. Every change answers with \`Desk-Position\`.

**Reads** accept that position as \`Desk-Min-Position\` and wait shortly for it, so that you see your own writes. Lists are
paged by the opaque \`cursor\` in \`next\`.

**Refusals** are problem documents (RFC 9457) with a stable \`code\`; \`errors\` point at the fields at fault.`;

const tags = [
  { name: 'tickets', description: 'Requests of customers and what was done about them' },
  { name: 'queues', description: 'What waits to be done' },
  { name: 'knowledge', description: 'Articles that answer questions before they are asked' },
  { name: 'reports', description: 'Figures with their definitions and the tickets behind them' },
  { name: 'events', description: 'The log itself' },
  { name: 'mail', description: 'What came in and what went out' },
  { name: 'attachments', description: 'Files' },
  { name: 'directory', description: 'People, companies, groups and tokens' },
  { name: 'settings', description: 'Calendars, SLA policies, routing rules, mailboxes; every save is a revision' },
  { name: 'operation', description: 'For those who run the desk' },
];

/** Collects the routes that follow, and serves /openapi.json and the readable reference under /docs. */
export async function describeApi(app: HttpServer): Promise<void> {
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Deskledger', version: '1.0.0', description },
      tags,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      const described = { ...schema, operationId: operationId(String(route.method), url) };
      if (access === undefined || access === 'public') return { schema: { ...described, security: [] }, url };
      const allowed = `Roles: ${access.join(', ')}.`;
      const about = schema?.description ? `${schema.description}\n\n${allowed}` : allowed;
      return { schema: { ...described, security: [{ token: [] }], description: about }, url };
    },
  });

  await app.register(swaggerUi, {
    routePrefix: docsPrefix,
    staticCSP: true,
    // The plain layout has no bar to load other documents with; no validator elsewhere is asked about this one.
    uiConfig: { docExpansion: 'list', deepLinking: true, layout: 'BaseLayout', validatorUrl: null },
    theme: { title: 'Deskledger API' },
    transformSpecification: () => openapiDocument(app),
  });

  app.get(
    '/openapi.json',
    {
      config: { access: 'public' },
      schema: { hide: true, response: { 200: Type.Record(Type.String(), Type.Unknown()) } },
    },
    async () => openapiDocument(app),
  );
}
