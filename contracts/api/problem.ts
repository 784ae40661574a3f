import { type Static, type TSchema, Type } from 'typebox';
import { OneOf } from '../primitives.ts';
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

const problemResponse = (description: string, schema: TSchema = Problem) => ({
  description,
  content: { 'application/problem+json': { schema } },
});

const isCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

/** What any route may refuse with, so that none says it. */
export const commonCodes: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'INVALID_JSON',
  'INVALID_REQUEST',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'EVENT_TOO_LARGE',
  ...Object.keys(problems)
    .filter(isCode)
    .filter((code) => problems[code].status >= 500),
]);

/** A problem of a status with every code that it may have, so that programs know them from the schema. */
function ProblemOf(status: number, codes: readonly ProblemCode[]) {
  const common = [...commonCodes].filter((code) => problems[code].status === status);
  return Type.Intersect([Problem, Type.Object({ code: OneOf([...new Set([...codes, ...common])]) })]);
}

/**
 * Response schemas of the refusals that a route is known for, by HTTP status. Typed as `object` on purpose: refusals are
 * thrown as AppError, so they must not widen the type of what the handler may return.
 */
export function refusals(...codes: readonly ProblemCode[]): object {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      problemResponse(group.map((code) => `${code}: ${problems[code].title}`).join('. '), ProblemOf(status, group)),
    ]),
  );
}

/** What any route may answer besides: added to each of them when it is registered. */
export const commonRefusals = {
  '4xx': problemResponse('The request was refused; `code` says why.'),
  '5xx': problemResponse('The desk could not answer; nothing was half done. Try again with the same Idempotency-Key.'),
};
