/**
 * Every refusal Deskledger can give, by stable code: HTTP status and title of its RFC 9457 problem document.
 * Codes are never renamed or reused; `type` on the wire is `urn:deskledger:problem:<code>`.
 */
export const problems = {
  INVALID_JSON: { status: 400, title: 'The body is not valid JSON' },
  INVALID_REQUEST: { status: 400, title: 'The request does not match its schema' },
  INVALID_CURSOR: { status: 400, title: 'The paging cursor is not one of ours or belongs to another query' },
  UNAUTHENTICATED: { status: 401, title: 'A valid bearer token is required' },
  FORBIDDEN: { status: 403, title: 'This token may not do that' },
  NOT_FOUND: { status: 404, title: 'There is no such resource' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This resource does not support that method' },
  TICKET_NOT_FOUND: { status: 404, title: 'There is no such ticket' },
  TICKET_EXISTS: { status: 409, title: 'The ticket exists already' },
  TICKET_TOO_LONG: { status: 409, title: 'The ticket holds as many events as it may; open a follow-up ticket' },
  TICKET_CLOSED: { status: 409, title: 'The ticket is closed; reopen it or open a follow-up ticket' },
  ILLEGAL_TRANSITION: { status: 409, title: 'The ticket cannot go from its status to the one asked for' },
  RATING_NOT_OPEN: { status: 409, title: 'There is no solution to rate, or it is too late to rate it' },
  UNKNOWN_GROUP: { status: 422, title: 'There is no such group' },
  UNKNOWN_AGENT: { status: 422, title: 'There is no such agent' },
  UNKNOWN_PERSON: { status: 422, title: 'There is no such person' },
  AGENT_NOT_IN_GROUP: { status: 422, title: 'The agent is not a member of that group' },
  PERSON_EXISTS: { status: 409, title: 'Somebody with that address is known already' },
  TOKEN_SHOWN_ONCE: { status: 409, title: 'The token was issued before and is shown only once' },
  ROLE_NOT_HELD: { status: 422, title: 'The person does not hold that role' },
  MAIL_NOT_FOUND: { status: 404, title: 'There is no such mail' },
  SLA_CLOCK_UNKNOWN: { status: 422, title: 'The ticket has no such SLA clock' },
  SETTING_INVALID: { status: 422, title: 'The setting does not match the schema of its kind' },
  SETTING_IN_USE: { status: 409, title: 'Another setting in force depends on this one' },
  VERSION_CONFLICT: { status: 412, title: 'The resource was changed since the version you named' },
  PRECONDITION_REQUIRED: { status: 428, title: 'Name the version you saw in If-Match' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used before with another request' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The request is larger than allowed' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not supported here' },
  EVENT_TOO_LARGE: { status: 413, title: 'The change is larger than one append to the log may be' },
  STORE_UNAVAILABLE: { status: 503, title: 'The event log cannot be reached just now' },
  READ_MODEL_UNAVAILABLE: { status: 503, title: 'The read models cannot be reached just now' },
  BLOB_NOT_FOUND: { status: 404, title: 'There is no such file' },
  BLOB_STORE_UNAVAILABLE: { status: 503, title: 'The file store cannot be reached just now' },
  TIMEOUT: { status: 504, title: 'A part of the desk did not answer in time' },
  INTERNAL: { status: 500, title: 'Something went wrong inside the desk' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;
