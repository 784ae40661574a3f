import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { refuseUnstorableText } from '#packages/event-store/unstorable-text.ts';
import { AppError, type FieldError, isAppError } from '#packages/kernel/errors.ts';

const integerText = /^-?\d{1,15}$/;
const booleans: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** A parameter is text: one that must be an integer, boolean or list becomes it; anything odd stays as it is and is refused. */
function fromText(schema: { type?: unknown; default?: unknown }, value: unknown): unknown {
  if (value === undefined) return schema.default;
  if (schema.type === 'integer') return typeof value === 'string' && integerText.test(value) ? Number(value) : value;
  if (schema.type === 'boolean') return booleans.get(value) ?? value;
  if (schema.type === 'array') return Array.isArray(value) ? value : [value];
  return value;
}

function convertParameters(schema: TSchema, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, object> };
  const converted: Record<string, unknown> = { ...values };
  for (const [name, property] of Object.entries(properties)) {
    const value = fromText(property, values[name]);
    if (value !== undefined) converted[name] = value;
  }
  return converted;
}

function fieldsOf(error: TLocalizedValidationError): FieldError[] {
  const { instancePath: pointer } = error;
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({ pointer: `${pointer}/${name}`, detail: 'is required' }));
    case 'additionalProperties':
      return []; // Reported once more per member, with its pointer, as the schema `false` that stands for "no more members".
    case 'anyOf':
      return []; // Each alternative has reported already.
    case 'boolean':
      return [{ pointer, detail: 'is not known here' }];
    case 'enum':
      return [{ pointer, detail: `must be one of ${error.params.allowedValues.join(', ')}` }];
    default:
      return [{ pointer, detail: error.message }];
  }
}

/** Alternatives of a union fail one by one at the same place; the caller wants one sentence for it. */
function mergeByPointer(fields: readonly FieldError[]): FieldError[] {
  return [...Map.groupBy(fields, ({ pointer }) => pointer)].map(([pointer, group]) => ({
    pointer,
    detail: [...new Set(group.map(({ detail }) => detail))].join(', or '),
  }));
}

const partNames: Readonly<Record<string, string>> = {
  body: 'The body',
  querystring: 'A query parameter',
  params: 'A part of the path',
  headers: 'A header',
};

/** INVALID_REQUEST with a pointer per fault. Parameters and headers are named without the leading slash. */
const invalidRequest = (part: string, fields: readonly FieldError[]): AppError =>
  new AppError('INVALID_REQUEST', {
    detail: `${partNames[part] ?? 'The request'} does not match its schema.`,
    fields: part === 'body' ? fields : fields.map(({ pointer, detail }) => ({ pointer: pointer.slice(1), detail })),
  });

/** Deeper than any body the desk knows; what works on bodies goes down them by recursion. */
const maxDepth = 64;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member)));

/** Text that neither the log nor a query can hold, told of where the caller put it. */
function unstorable(part: string, value: unknown): AppError | null {
  try {
    refuseUnstorableText(value, '');
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return invalidRequest(part, error.fields);
  }
}

/**
 * Checks requests against TypeBox schemas. Bodies are taken as they are: nothing is converted, dropped or defaulted.
 * TypeBox bounds the number of errors it collects, so that a hostile body cannot make the answer huge.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const compiled = Compile(schema);
  return (given: unknown) => {
    if (httpPart === 'body' && isDeeperThan(maxDepth, given)) {
      const fields = [{ pointer: '', detail: `must not be nested deeper than ${maxDepth} levels` }];
      return { error: invalidRequest(httpPart, fields) };
    }
    const value = httpPart === 'body' ? given : convertParameters(schema, (given ?? {}) as Record<string, unknown>);
    const error = compiled.Check(value)
      ? unstorable(httpPart, value)
      : invalidRequest(httpPart, mergeByPointer(compiled.Errors(value).flatMap(fieldsOf)));
    return error ? { error } : { value };
  };
};
