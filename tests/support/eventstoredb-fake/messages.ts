/** Translation between the log of the fake and the messages of the stubs that ship in @eventstore/db-client. */

import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { AppendReq, BatchAppendReq, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Conflict, Deleted, type Expected, type FakeRecord, maxAppendBytes, type Proposed, TooLarge } from './log.ts';

export const nameOf = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export function identifierOf(name: string): StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name).toString('base64'));
  return identifier;
}

/** The client sends ids as text only. */
export const uuidText = (uuid: UUID | undefined): string => uuid?.getString() ?? '';

export function proposedOf(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): Proposed {
  const id = uuidText(message.getId());
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw new Error('bad id');
  const attributes = new Map(message.getMetadataMap().toArray());
  return { id, attributes, data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
}

export function expectedOf(options: AppendReq.Options | BatchAppendReq.Options | undefined): Expected {
  if (!options || options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt('getRevision' in options ? options.getRevision() : options.getStreamPosition());
}

export function eventMessage(record: FakeRecord): ReadResp {
  const { RecordedEvent } = streams.ReadResp.ReadEvent;
  const recorded = new RecordedEvent();
  const id = new shared.UUID();
  id.setString(record.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifierOf(record.stream));
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.position));
  for (const [name, value] of record.attributes) recorded.getMetadataMap().set(name, value);
  recorded.setCustomMetadata(record.metadata);
  recorded.setData(record.data);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
}

export function checkpointMessage(position: bigint): ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  const response = new streams.ReadResp();
  response.setCheckpoint(checkpoint);
  return response;
}

/** Filters of subscriptions: a regular expression or prefixes, on the stream or on the type. */
export function filterOf(options: ReadReq.Options): ((record: FakeRecord) => boolean) | undefined {
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (!filter || !expression) return undefined;
  const regex = expression.getRegex() === '' ? null : new RegExp(expression.getRegex());
  return ({ stream, attributes }) => {
    const text = filter.hasStreamIdentifier() ? stream : (attributes.get('type') ?? '');
    return regex?.test(text) ?? expression.getPrefixList().some((prefix) => text.startsWith(prefix));
  };
}

/** A call that fails; `exception` is how the server names what the client makes classes of. */
export function serviceError(
  code: status,
  details: string,
  attributes: Record<string, string> = {},
): Partial<ServiceError> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(attributes)) metadata.set(name, value);
  return { code, details, metadata };
}

export function errorOf(error: unknown, stream: string): Partial<ServiceError> {
  // A11b "deleted streams": code 9 on calls of their own. A11b "size": code 3.
  if (error instanceof Deleted)
    return serviceError(status.FAILED_PRECONDITION, 'deleted', { exception: 'stream-deleted', 'stream-name': stream });
  if (error instanceof TooLarge)
    return serviceError(status.INVALID_ARGUMENT, 'too large', {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(maxAppendBytes),
    });
  if (error instanceof Conflict) throw error;
  return serviceError(status.UNKNOWN, 'Exception was thrown by handler.');
}
