import { type Static, Type } from 'typebox';
import { type ProblemCode, problems } from '../problems.ts';

const ProblemField = Type.Object(
  {
    pointer: Type.String({ description: 'RFC 6901 pointer into the body, or the name of a header or parameter' }),
    detail: Type.String(),
  },
  { title: 'ProblemField' },
);

/** RFC 9457 problem document. Members beyond these are extensions of single codes, e.g. `actual` of VERSION_CONFLICT. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:deskledger:problem:<code>' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Stable, for programs. Never renamed, never reused.' }),
    errors: Type.Optional(Type.Array(ProblemField)),
    traceId: Type.String({ description: 'Name it when you ask for help: the log of the desk knows it.' }),
  },
  { title: 'Problem', additionalProperties: true },
);
export type Problem = Static<typeof Problem>;

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/**
 * Response schemas of the refusals that a route is known for, by HTTP status. Typed as `object` on purpose: refusals are
 * thrown as AppError, so they must not widen the type of what the handler may return.
 */
export function refusals(...codes: readonly ProblemCode[]): object {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      problemResponse(group.map((code) => `${code}: ${problems[code].title}`).join('. ')),
    ]),
  );
}

/** What any route may answer besides: added to each of them when it is registered. */
export const commonRefusals = {
  '4xx': problemResponse('The request was refused; `code` says why.'),
  '5xx': problemResponse('The desk could not answer; nothing was half done. Try again with the same Idempotency-Key.'),
};
