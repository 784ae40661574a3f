/** The two ways to append: a call of its own, and the stream of batches that a client shares among its calls. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status_pb from '@eventstore/db-client/generated/status_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import any_pb from 'google-protobuf/google/protobuf/any_pb.js';
import empty_pb from 'google-protobuf/google/protobuf/empty_pb.js';
import { Conflict, Deleted, type Expected, type FakeLog, maxAppendBytes, type Proposed, TooLarge } from './log.ts';
import { errorOf, expectedOf, identifierOf, nameOf, proposedOf } from './messages.ts';

/** What became of an append before it is answered; null: it is never answered. */
export type Outcome = <T>(work: () => T) => Promise<T | null>;

/** A11b "append", "wrong expected revision": the unary path. Conflicts are an answer there, everything else an error. */
export function unaryAppend(log: FakeLog, outcome: Outcome) {
  return async (
    call: ServerReadableStream<AppendReq, AppendResp>,
    callback: sendUnaryData<AppendResp>,
  ): Promise<void> => {
    let stream = '';
    let expected: Expected = 'any';
    try {
      const events: Proposed[] = [];
      for await (const request of call as AsyncIterable<AppendReq>) {
        const options = request.getOptions();
        if (options) {
          stream = nameOf(options.getStreamIdentifier());
          expected = expectedOf(options);
        }
        const message = request.getProposedMessage();
        if (message) events.push(proposedOf(message));
      }
      if (stream === '') throw new Error('no stream');
      const written = await outcome(() => log.append(stream, expected, events));
      if (written === null) return;
      const position = new streams.AppendResp.Position();
      position.setCommitPosition(String(written.position));
      position.setPreparePosition(String(written.position));
      const success = new streams.AppendResp.Success();
      success.setCurrentRevision(String(written.revision));
      success.setPosition(position);
      const response = new streams.AppendResp();
      response.setSuccess(success);
      callback(null, response);
    } catch (error) {
      if (error instanceof Conflict) callback(null, conflictAnswer(error, expected));
      else callback(isServiceError(error) ? error : errorOf(error, stream));
    }
  };
}

const isServiceError = (error: unknown): error is { code: number } =>
  typeof error === 'object' && error !== null && 'code' in error;

function conflictAnswer({ current }: Conflict, expected: Expected): AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current === 'no_stream') wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  const response = new streams.AppendResp();
  response.setWrongExpectedVersion(wrong);
  return response;
}

type Batch = { readonly options: BatchAppendReq.Options; readonly events: Proposed[] };

/** A11b, the same rows on the batch path: every failure is an answer with the correlation id of its append. */
export function batchAppend(log: FakeLog, outcome: Outcome) {
  return (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const batches = new Map<string, Batch>();
    const take = async (request: BatchAppendReq): Promise<void> => {
      const id = request.getCorrelationId()?.serializeBinary().toString() ?? '';
      const options = request.getOptions();
      if (options) batches.set(id, { options, events: [] });
      const batch = batches.get(id);
      if (!batch) return;
      const response = new streams.BatchAppendResp();
      response.setCorrelationId(request.getCorrelationId());
      const stream = nameOf(batch.options.getStreamIdentifier());
      response.setStreamIdentifier(identifierOf(stream));
      const expected = expectedOf(batch.options);
      try {
        batch.events.push(...request.getProposedMessagesList().map(proposedOf));
        if (!request.getIsFinal()) return;
        batches.delete(id);
        if (stream === '') throw new Error('no stream');
        const written = await outcome(() => log.append(stream, expected, batch.events));
        if (written === null) return;
        const position = new shared.AllStreamPosition();
        position.setCommitPosition(String(written.position));
        position.setPreparePosition(String(written.position));
        const success = new streams.BatchAppendResp.Success();
        success.setCurrentRevision(String(written.revision));
        success.setPosition(position);
        response.setSuccess(success);
      } catch (error) {
        response.setError(statusOf(error, expected));
      }
      call.write(response);
    };
    call.on('data', (request: BatchAppendReq) => void take(request));
    call.on('end', () => call.end());
    call.on('error', () => undefined); // The client went away.
  };
}

function statusOf(error: unknown, expected: Expected) {
  const pack = (name: string, message: { serializeBinary(): Uint8Array }) => {
    const any = new any_pb.Any();
    any.pack(message.serializeBinary(), `event_store.client.${name}`);
    const status = new status_pb.Status();
    status.setDetails(any);
    return status;
  };
  if (error instanceof Deleted) return pack('StreamDeleted', new shared.StreamDeleted());
  if (error instanceof TooLarge) {
    const exceeded = new shared.MaximumAppendSizeExceeded();
    exceeded.setMaxappendsize(maxAppendBytes);
    return pack('MaximumAppendSizeExceeded', exceeded);
  }
  if (!(error instanceof Conflict)) return pack('Unknown', new shared.Unknown());
  const wrong = new shared.WrongExpectedVersion();
  if (error.current === 'no_stream') wrong.setCurrentNoStream(new empty_pb.Empty());
  else wrong.setCurrentStreamRevision(String(error.current));
  if (expected === 'any') wrong.setExpectedAny(new empty_pb.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new empty_pb.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new empty_pb.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return pack('WrongExpectedVersion', wrong);
}
