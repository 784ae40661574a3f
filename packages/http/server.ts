import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Problem } from '#contracts/api/problem.ts';
import { type Authenticate, requireAccess } from './auth.ts';
import { refuseBrokenHttp } from './client-error.ts';
import type { HttpServer } from './instance.ts';
import { createNotFound } from './not-found.ts';
import { describeApi } from './openapi.ts';
import { headersOf, problemMediaType, problemOf, toAppError } from './problem.ts';
import { enforceRoutePolicy } from './route-policy.ts';
import { securityHeaders } from './security-headers.ts';
import { closeGracefully } from './shutdown.ts';
import { traceIdOf } from './trace.ts';
import { validatorCompiler } from './validation.ts';

export type HttpServerOptions = {
  readonly log: Logger;
  readonly authenticate: Authenticate;
  /** Shows a problem to somebody with a browser; without it everybody gets problem+json. */
  readonly problemPage?: (problem: Problem, request: FastifyRequest) => { body: string; contentSecurityPolicy: string };
  /** Largest body in bytes, where a route does not say otherwise. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** Time a handler has before the caller gets TIMEOUT. Default 30 s. */
  readonly handlerTimeoutMs?: number;
  /** Serve the reference of the API as well. Default true. */
  readonly reference?: boolean;
  /** Time that running requests get when the server closes. Default 5 s. */
  readonly closeTimeoutMs?: number;
};

/** True for a browser on its way to a page; one that looks at the API itself gets what the API gives. */
const isPage = ({ headers, url, routeOptions }: FastifyRequest): boolean =>
  headers.accept?.startsWith('text/html') === true && (!url.startsWith('/v1/') || routeOptions.config.session === true);

/**
 * Fastify with the rules every HTTP door of the desk keeps: strict validation, RFC 9457 problems, bearer tokens, response
 * schemas as leak guard, security headers, OpenAPI from the routes, a bounded close. Register routes, then `listen`.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, problemPage } = options;
  const notFound = createNotFound();

  const refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = toAppError(thrown);
    const problem = problemOf(error, request.id);
    // A body that breaks off is nobody's fault here, and nobody is left to be told.
    const gone = request.raw.destroyed && !request.raw.complete;
    if (problem.status >= 500 && !gone) request.log.error({ err: error }, 'request failed');
    else request.log.info({ code: error.code, cause: error.cause }, 'request refused');
    reply.headers(headersOf(error));
    if (problemPage && isPage(request)) {
      const { body, contentSecurityPolicy } = problemPage(problem, request);
      reply.header('content-security-policy', contentSecurityPolicy).type('text/html; charset=utf-8');
      return reply.code(problem.status).serializer(String).send(body);
    }
    return reply.code(problem.status).type(problemMediaType).serializer(JSON.stringify).send(problem);
  };

  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    genReqId: traceIdOf,
    bodyLimit: options.bodyLimit ?? 1_048_576,
    handlerTimeout: options.handlerTimeoutMs ?? 30_000,
    requestTimeout: 120_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 5_000,
    return503OnClosing: false,
    frameworkErrors: refuse,
    clientErrorHandler: refuseBrokenHttp(log),
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<TypeBoxTypeProvider>() as HttpServer;

  app.setValidatorCompiler(validatorCompiler);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(notFound.refuse);
  app.decorateRequest('principal', null);
  closeGracefully(app, options.closeTimeoutMs ?? 5_000);

  app.addHook('onRoute', notFound.learn);
  app.addHook('onRoute', enforceRoutePolicy);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onRequest', securityHeaders);
  await app.register(cookie);
  app.addHook('onRequest', requireAccess(options.authenticate));
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? null;
    request.log.debug({ method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  if (options.reference ?? true) await describeApi(app);
  return app;
}
