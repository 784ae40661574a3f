import { Type } from 'typebox';
import { Strict } from '#contracts/primitives.ts';
import { type Authenticate, sessionCookie } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';

const SignIn = Strict({
  token: Type.String({ maxLength: 600 }),
  next: Type.Optional(Type.String({ maxLength: 2_000 })),
});
const Redirect = { hide: true, response: { 303: Type.Null({ description: 'On to a page' }) } };
const cookieOptions = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

/** A path of this desk, never another host: `//host` and `/\host` would be one to a browser. */
const localPath = (next: string): string => (/^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/');

/**
 * Signing in to the pages: the token goes into a cookie that scripts cannot read and other sites cannot make a browser
 * send. It counts on pages alone, so that it cannot be used to change anything.
 */
export function registerSession(app: HttpServer, { authenticate }: { authenticate: Authenticate }): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  });

  app.post(
    '/session',
    { config: { access: 'public' }, schema: { ...Redirect, body: SignIn } },
    async (request, reply) => {
      // Or another site could sign a browser in with a token of its own, and watch what is typed.
      if (request.headers['sec-fetch-site'] === 'cross-site') throw new AppError('FORBIDDEN');
      const token = request.body.token.trim();
      if ((await authenticate(token)) === null) throw new AppError('UNAUTHENTICATED');
      reply.setCookie(sessionCookie, token, { ...cookieOptions, secure: request.protocol === 'https' });
      return reply.redirect(localPath(request.body.next ?? '/'), 303);
    },
  );

  app.post('/session/end', { config: { access: 'public' }, schema: Redirect }, async (_request, reply) => {
    reply.clearCookie(sessionCookie, cookieOptions);
    return reply.redirect('/', 303);
  });
}
