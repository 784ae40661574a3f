import type { Static } from 'typebox';
import { refusals } from '#contracts/api/problem.ts';
import {
  CommentParams,
  type LinkName,
  LinkParams,
  MergeBody,
  MoveBody,
  ParentBody,
  SpamBody,
  SplitBody,
} from '#contracts/api/ticket-relations.ts';
import { TicketCreatedAnswer } from '#contracts/api/tickets.ts';
import type { LinkKind } from '#contracts/events/ticket-relations.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents, authorisedChange, changeRefusals, changeSchema, registerTicketChange } from '../ticket-change.ts';

/** The id of the ticket at the other end. Throws UNKNOWN_TICKET at `pointer` for a number that no ticket has. */
async function otherId({ findTicket }: CommandApiDeps, idOrNumber: string, pointer: string): Promise<string> {
  const id = /^\d+$/.test(idOrNumber) ? await findTicket(Number(idOrNumber)) : idOrNumber;
  if (id === null) throw new AppError('UNKNOWN_TICKET', { fields: [{ pointer, detail: 'names no ticket' }] });
  return id;
}

const readings: Record<LinkName, { kind: LinkKind; inverse: boolean }> = {
  related: { kind: 'related', inverse: false },
  duplicate: { kind: 'duplicate', inverse: false },
  'duplicated-by': { kind: 'duplicate', inverse: true },
  blocks: { kind: 'blocks', inverse: false },
  'blocked-by': { kind: 'blocks', inverse: true },
  'caused-by': { kind: 'caused-by', inverse: false },
  causes: { kind: 'caused-by', inverse: true },
};

const bound = [
  'UNKNOWN_TICKET',
  'RELATION_TO_ITSELF',
  'RELATION_CYCLE',
  'RELATION_LIMIT',
] as const satisfies readonly ProblemCode[];
const moving = ['COMMENT_NOT_FOUND', 'COMMENT_NOT_MOVABLE', 'UNKNOWN_TICKET', 'RELATION_TO_ITSELF'] as const;

/** What binds tickets to each other: merge, parent, links, messages that move; and spam. */
export function registerTicketRelations(app: HttpServer, deps: CommandApiDeps): void {
  const { relations, tickets } = deps;

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/merge',
    command: ['PrepareMerge', 'OfferMerge', 'SettleMerge', 'ReleaseMerge'],
    summary: 'Merge into another ticket',
    description:
      'The ticket is set aside and the other one goes on: it shows the messages of both, answers go to both requesters, ' +
      'and what is written to this number arrives there. Everything can be taken back. A refusal about the other ticket ' +
      'points at `/into`.',
    body: MergeBody,
    refusals: bound,
    change: async ({ id, body, context }) => relations.merge(id, await otherId(deps, body.into, '/into'), context),
  });

  registerTicketChange(app, deps, {
    method: 'DELETE',
    path: '/merge',
    command: ['Unmerge', 'ReleaseMerge', 'MoveCommentOut', 'MoveCommentIn'],
    summary: 'Take a merge back',
    description:
      'Leaves the ticket as if it had never been merged; what its customer has written since goes back to it. Refused ' +
      'while the ticket that it went into is itself merged or spam: take that back first.',
    refusals: ['NOT_MERGED'],
    change: ({ id, context }) => relations.unmerge(id, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/spam',
    command: 'MarkSpam',
    summary: 'Set aside as spam',
    description:
      'Leaves lists, queues and figures, and nothing is done on it, until it is restored. Mail to it is kept in quarantine. ' +
      'Other mail of the same sender is taken as ever.',
    body: SpamBody,
    change: ({ id, body, context }) =>
      tickets.change(id, { type: 'MarkSpam', data: { reason: body.reason ?? null } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'DELETE',
    path: '/spam',
    command: 'RestoreTicket',
    summary: 'Restore from spam',
    change: ({ id, context }) => tickets.change(id, { type: 'RestoreTicket', data: { reason: null } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/parent',
    command: ['PrepareParent', 'OfferChild', 'SettleParent', 'ReleaseChild'],
    summary: 'Make it part of another ticket',
    description:
      'Null takes it out again. The parent shows how many of its children are open and done; it can be resolved with open ' +
      'children, whoever does sees how many there are.',
    body: ParentBody,
    refusals: bound,
    change: async ({ id, body, context }) => {
      const parent = body.parent === null ? null : await otherId(deps, body.parent, '/parent');
      return relations.setParent(id, parent, context);
    },
  });

  for (const [method, summary, refused] of [
    ['PUT', 'Link to another ticket', 'LINK_EXISTS'],
    ['DELETE', 'Take a link away', 'LINK_NOT_FOUND'],
  ] as const)
    registerTicketChange(app, deps, {
      method,
      path: '/links/:kind/:other',
      command: method === 'PUT' ? ['LinkTicket', 'UnlinkTicket'] : 'UnlinkTicket',
      summary,
      description:
        'Named from either side: what one ticket `blocks` is `blocked-by` it, and both show it. Two tickets have one link ' +
        'of a kind, whichever way round.',
      params: LinkParams,
      refusals: ['UNKNOWN_TICKET', 'RELATION_TO_ITSELF', 'RELATION_LIMIT', refused],
      change: async ({ id, params, context }) => {
        const { kind, other } = params as unknown as Static<typeof LinkParams>;
        const link = { ...readings[kind], other: await otherId(deps, other, '/ticket') };
        return method === 'PUT' ? relations.link(id, link, context) : relations.unlink(id, link, context);
      },
    });

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/comments/:comment/move',
    command: ['PrepareMoveIn', 'MoveCommentOut', 'MoveCommentIn'],
    summary: 'Move a message to another ticket',
    description:
      'With author, time and files. Mail that answers it goes to that ticket from now on. Moving it back undoes it. The ' +
      'first message stays with its ticket; status and SLA clocks stay as they are on both.',
    params: CommentParams,
    body: MoveBody,
    refusals: moving,
    change: async ({ id, body, params, context }) =>
      relations.move(id, params['comment'] ?? '', await otherId(deps, body.to, '/to'), context),
  });

  app.post(
    '/v1/tickets/:ticket/comments/:comment/split',
    {
      config: { access: agents, commands: ['MoveCommentOut', 'CreateTicket'] },
      schema: {
        ...changeSchema,
        params: CommentParams,
        summary: 'Split a message off into a ticket of its own',
        description:
          'What a customer wrote in public becomes the first message of a new ticket of theirs, with company, mailbox and ' +
          'priority of this one. Its SLA clocks begin now; nobody is mailed.',
        body: SplitBody,
        response: {
          201: TicketCreatedAnswer,
          ...refusals(...changeRefusals, 'COMMENT_NOT_FOUND', 'COMMENT_NOT_MOVABLE'),
        },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const { context, id } = await authorisedChange(deps, request, params.ticket);
      const done = await relations.split(id, params.comment, body.subject ?? null, context);
      reply.code(201).header('location', `/v1/tickets/${done.ticketId}`);
      return { id: done.ticketId, number: done.number, ...changed(reply, done) };
    },
  );
}
