import { Type } from 'typebox';
import { RatingForm } from '#contracts/commands/ticket-satisfaction.ts';
import { streams } from '#contracts/events/streams.ts';
import { Strict } from '#contracts/primitives.ts';
import { fold } from '#packages/domain/decider.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { createRatingLinks, type Rateable } from '#packages/mail/rating-link.ts';
import type { CommandApiDeps } from '../deps.ts';
import { ratingPageSchema, sendRatingPage } from '../rating-page.ts';

const LinkParams = Strict({ token: Type.String({ maxLength: 120 }) });
const LinkQuery = Strict({
  score: Type.Optional(Type.String({ pattern: '^[1-5]$' })),
  thanks: Type.Optional(Type.Literal('1')),
});
const defaultQuestion = 'How did we solve your request?';

/**
 * Rating by the signed link of a mail, without an account. The link only opens a form with the score chosen; what is sent
 * by that form counts. Thus a scanner that opens all links of a mail rates nothing.
 */
export async function registerRatingLink(root: HttpServer, deps: CommandApiDeps): Promise<void> {
  const { inForce, store, tickets, uploadSecret } = deps;
  const links = createRatingLinks(uploadSecret);

  const opened = async (token: string): Promise<{ rateable: Rateable; solved: Ticket }> => {
    const rateable = links.read(token);
    if (rateable === null)
      throw new AppError('NOT_FOUND', { detail: 'This link is not complete, or not one of ours.' });
    const state = fold(ticket, await store.readStream(streams.ticket(rateable.ticketId)));
    if (!state.exists) throw new AppError('TICKET_NOT_FOUND');
    // It was sent to one person; what the next requester says is neither theirs to see nor to change.
    if (state.requesterId !== rateable.requesterId)
      throw new AppError('NOT_FOUND', { detail: 'This link is no longer in force.' });
    return { rateable, solved: state };
  };

  await root.register((app: HttpServer, _options, done) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(String(body))));
    });

    app.get(
      '/rate/:token',
      { config: { access: 'public' }, schema: { ...ratingPageSchema, params: LinkParams, querystring: LinkQuery } },
      async (request, reply) => {
        const { rateable, solved } = await opened(request.params.token);
        const { score, thanks } = request.query;
        const earlier = solved.satisfaction[rateable.round - 1]?.rating ?? null;
        return sendRatingPage(reply, {
          ticketNumber: solved.number,
          question: inForce.current().current('satisfaction', 'default')?.value.question ?? defaultQuestion,
          score: score === undefined ? (earlier?.score ?? null) : Number(score),
          comment: earlier?.comment ?? '',
          thanks: thanks !== undefined && earlier !== null,
        });
      },
    );

    app.post(
      '/rate/:token',
      {
        config: { access: 'public', commands: ['RateTicket'] },
        schema: {
          hide: true,
          params: LinkParams,
          body: RatingForm,
          response: { 303: Type.Null({ description: 'On to the thanks' }) },
        },
      },
      async (request, reply) => {
        const { token } = request.params;
        const { rateable, solved } = await opened(token);
        const raterId = solved.requesterId;
        // Where it went, or that it was taken for spam, is not for whoever holds the link.
        if (solved.setAside) throw new AppError('RATING_NOT_OPEN');
        const comment = request.body.comment?.trim() || null;
        const data = {
          round: rateable.round,
          score: Number(request.body.score),
          comment,
          raterId,
          via: 'link',
        } as const;
        await tickets.change(
          rateable.ticketId,
          { type: 'RateTicket', data },
          {
            commandId: newId(),
            actor: { kind: 'person', id: raterId },
            source: 'rating-link',
            correlationId: request.id,
            causationId: null,
          },
        );
        return reply.redirect(`/rate/${token}?thanks=1`, 303);
      },
    );
    done();
  });
}
