import { type ProblemCode, problems } from '#contracts/problems.ts';

/** A field at fault, as RFC 6901 pointer into the body, or the name of a header or parameter. */
export type FieldError = { readonly pointer: string; readonly detail: string };

type Options = {
  /** One sentence for the caller. Must not hold anything internal: it leaves the desk. */
  detail?: string;
  fields?: readonly FieldError[];
  /** Extra members of the problem document; JSON-safe. */
  extra?: Readonly<Record<string, unknown>>;
  cause?: unknown;
};

/** The one error that crosses module borders: adapters translate library errors into it at the edge. */
export class AppError extends Error {
  readonly code: ProblemCode;
  readonly fields: readonly FieldError[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, { detail, fields = [], extra = {}, cause }: Options = {}) {
    super(detail ?? problems[code].title, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.fields = fields;
    this.extra = extra;
  }
}

const transient: ReadonlySet<ProblemCode> = new Set([
  'STORE_UNAVAILABLE',
  'READ_MODEL_UNAVAILABLE',
  'BLOB_STORE_UNAVAILABLE',
  'TIMEOUT',
]);

export const isAppError = (error: unknown, code?: ProblemCode): error is AppError =>
  error instanceof AppError && (code === undefined || error.code === code);

/** True for errors of a dependency that is away for now: worth retrying for as long as it takes. */
export const isTransient = (error: unknown): boolean => isAppError(error) && transient.has(error.code);
