import { Changed, changeHeaders } from '#contracts/api/common.ts';
import { IssueToken, PersonParams, TokenIssued, TokenParams } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { readInstant } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';

export function registerTokenCommands(app: HttpServer, { directory }: CommandApiDeps): void {
  app.post(
    '/v1/people/:person/tokens',
    {
      config: { access: ['admin'], commands: ['IssueToken'] },
      schema: {
        summary: 'Issue an API token',
        description:
          'For one of the roles that the person holds. The token is in this answer only: the desk keeps its hash. ' +
          'Repeating the request with the same Idempotency-Key cannot show it again and is refused.',
        tags: ['directory'],
        headers: changeHeaders,
        params: PersonParams,
        body: IssueToken,
        response: {
          201: TokenIssued,
          ...refusals('UNKNOWN_PERSON', 'PERSON_MERGED', 'ROLE_NOT_HELD', 'TOKEN_SHOWN_ONCE', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const { role, label } = request.body;
      const expires = request.body.expiresAt;
      const expiresAt = expires ? toTimestamp(readInstant(expires, '/expiresAt')) : null;
      const personId = request.params.person;
      const done = await directory.issueToken({ personId, role, label, expiresAt }, commandContext(request));
      if (done.duplicate) throw new AppError('TOKEN_SHOWN_ONCE');
      reply.code(201);
      return { id: done.tokenId, token: done.token, ...changed(reply, done) };
    },
  );

  app.delete(
    '/v1/people/:person/tokens/:token',
    {
      config: { access: ['admin'], commands: ['RevokeToken'] },
      schema: {
        summary: 'Revoke an API token',
        description: 'It stops working within seconds. Revoking it again changes nothing.',
        tags: ['directory'],
        headers: changeHeaders,
        params: TokenParams,
        response: { 200: Changed, ...refusals('UNKNOWN_PERSON', 'NOT_FOUND') },
      },
    },
    async (request, reply) => {
      const { person, token } = request.params;
      return changed(reply, await directory.revokeToken(person, token, commandContext(request)));
    },
  );
}
