import { v5, v7 } from 'uuid';

/** Root of all name-based ids of Deskledger; changing it would break every idempotent retry in flight. */
const namespace = 'b7a4e1d0-6c1f-5b58-9a3e-0d1f3c5e7a92';

/** A new time-ordered id (UUIDv7, RFC 9562). */
export const newId = (): string => v7();

/** The same id for the same parts, always (UUIDv5): what makes retries and races meet in one stream. */
export const idFrom = (...parts: readonly (string | number)[]): string => v5(JSON.stringify(parts), namespace);

/**
 * Id of the n-th event of a command on a stream, so that a retried append is recognised by the store. The stream is part of
 * it: one command id may be used on several, and consumers tell events apart by their ids alone.
 */
export const eventId = (stream: string, commandId: string, index: number): string =>
  idFrom('event', stream, commandId, index);

/** Person id of a mail address (already normalised): two mails racing in meet in one stream. */
export const personIdOf = (address: string): string => idFrom('person', address);
export const companyIdOf = (domain: string): string => idFrom('company', domain);
