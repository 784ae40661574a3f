import type { HttpServer } from './instance.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Name of an operation for generated clients, from what never changes: `getTicketsByTicketHistory`. */
export function operationId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== 'v1')
    .map((segment) =>
      segment.startsWith(':') ? `By${capital(segment.slice(1))}` : capital(segment.replace(/\W/g, '')),
    );
  return method.toLowerCase() + words.join('');
}

/** Moves every schema with a title to `components/schemas` and puts a reference in its place, so that clients get named types. */
function nameSchemas(node: Json, schemas: Record<string, Json>): Json {
  if (Array.isArray(node)) return node.map((item) => nameSchemas(item, schemas));
  if (!isObject(node)) return node;
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) copy[key] = nameSchemas(value, schemas);
  const { title } = copy;
  if (typeof title !== 'string' || !('type' in copy || 'anyOf' in copy)) return copy;
  const { description, ...schema } = copy;
  schemas[title] ??= schema;
  const reference = { $ref: `#/components/schemas/${title}` };
  return description === undefined ? reference : { ...reference, description };
}

const text = { type: 'string' };
const headersOfChanges: JsonObject = {
  ETag: { description: 'version of the resource now, for If-Match of the next change', schema: text },
  'Desk-Position': { description: 'log position of the change, for Desk-Min-Position of reads', schema: text },
  'Idempotency-Replayed': { description: '`true`: done before, with this Idempotency-Key', schema: text },
};
const headersOfReads: JsonObject = {
  'Desk-Position': { description: 'log position that the answer reflects at least', schema: text },
  'Desk-Stale': { description: '`true`: Desk-Min-Position was not reached in time', schema: text },
};

/** Headers of a successful answer follow from what the request may bring. */
function answerHeaders({ parameters }: JsonObject): JsonObject | undefined {
  const names = new Set(
    Array.isArray(parameters) ? parameters.map((parameter) => isObject(parameter) && parameter['name']) : [],
  );
  if (names.has('idempotency-key')) return headersOfChanges;
  return names.has('desk-min-position') ? headersOfReads : undefined;
}

/** Gives successful answers their headers, and those that say nothing of themselves a description. */
function completeAnswers(operation: JsonObject): JsonObject {
  const headers = answerHeaders(operation);
  const responses = isObject(operation['responses']) ? operation['responses'] : {};
  const completed = Object.entries(responses).map(([status, response]): [string, Json] => {
    if (!status.startsWith('2') || !isObject(response)) return [status, response];
    const description = response['description'] === 'Default Response' ? 'Done' : (response['description'] ?? 'Done');
    return [status, { ...response, description, ...(headers && { headers }) }];
  });
  return { ...operation, responses: Object.fromEntries(completed) };
}

const mapValues = (object: JsonObject, change: (value: JsonObject) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, isObject(value) ? change(value) : value]));

/** The OpenAPI 3.1 description of every route registered; needs `app.ready()`. */
export function openapiDocument(app: HttpServer): Record<string, unknown> {
  const { paths, components, ...rest } = JSON.parse(JSON.stringify(app.swagger())) as Record<string, JsonObject>;
  const schemas: Record<string, Json> = {};
  const named = nameSchemas(
    mapValues(paths ?? {}, (item) => mapValues(item, completeAnswers)),
    schemas,
  );
  const sorted = Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...rest, paths: named, components: { ...components, schemas: sorted } };
}
