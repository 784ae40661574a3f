/**
 * An EventStoreDB in this process: the calls that the event log uses, answered as a real 23.10 answers them. Each part
 * names the row of engineering A11b that it mirrors, and `tests/contract/eventstoredb-answers.ts` asks both the same.
 */

import { setTimeout as wait } from 'node:timers/promises';
import features_grpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streams_grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { DeleteReq, ReadReq, ReadResp, TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { batchAppend, type Outcome, unaryAppend } from './append.ts';
import { createFakeLog } from './log.ts';
import { errorOf, nameOf, serviceError } from './messages.ts';
import { drops, serveRead } from './read.ts';

export type FakeFaults = {
  /** How long an append takes, ms. */
  appendMs: number;
  /** So many of the next appends are written or not, and never answered: the client runs into its deadline. */
  unanswered: { count: number; written: boolean };
  /** So many of the next appends fail with this. */
  failing: { count: number; error: Partial<ServiceError> };
  sendsCaughtUp: boolean;
  /** Subscriptions are confirmed and get nothing. */
  silent: boolean;
};

const noFaults = (): FakeFaults => ({
  appendMs: 0,
  unanswered: { count: 0, written: false },
  failing: { count: 0, error: {} },
  sendsCaughtUp: true,
  silent: false,
});

export async function startEventStoreDbFake() {
  const log = createFakeLog();
  const faults = noFaults();
  const open = new Set<ServerWritableStream<ReadReq, ReadResp>>();
  let port = 0;
  let server: Server | undefined;

  const outcome: Outcome = async (work) => {
    if (faults.appendMs > 0) await wait(faults.appendMs);
    if (faults.failing.count > 0) {
      faults.failing.count -= 1;
      throw faults.failing.error;
    }
    if (faults.unanswered.count === 0) return work();
    faults.unanswered.count -= 1;
    if (faults.unanswered.written) work();
    return null;
  };

  /** A11b "deleted streams". */
  const remove =
    <Answer>(state: 'deleted' | 'tombstoned', answer: () => Answer) =>
    (call: ServerUnaryCall<DeleteReq | TombstoneReq, Answer>, callback: sendUnaryData<Answer>): void => {
      const name = nameOf(call.request.getOptions()?.getStreamIdentifier());
      try {
        log.stream(name);
        log.remove(name, state);
        callback(null, answer());
      } catch (error) {
        callback(errorOf(error, name));
      }
    };

  const start = async (): Promise<void> => {
    server = new Server();
    const read = serveRead(log, faults);
    server.addService(streams_grpc.StreamsService, {
      append: unaryAppend(log, outcome),
      batchAppend: batchAppend(log, outcome),
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => {
        open.add(call);
        call.on('close', () => open.delete(call));
        void read(call);
      },
      delete: remove('deleted', () => new streams.DeleteResp()),
      tombstone: remove('tombstoned', () => new streams.TombstoneResp()),
    });
    // With this the client takes the batch path for appends without credentials.
    server.addService(features_grpc.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, callback: sendUnaryData<InstanceType<typeof features.SupportedMethods>>) => {
        const method = new features.SupportedMethod();
        method.setServiceName('event_store.client.streams.streams');
        method.setMethodName('batchappend');
        const methods = new features.SupportedMethods();
        methods.setEventStoreServerVersion('23.10.6');
        methods.addMethods(method);
        callback(null, methods);
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    port = await promise;
  };
  const kill = (): void => {
    server?.forceShutdown();
    server = undefined;
    open.clear();
  };
  await start();

  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    log,
    faults,
    heal: () => void Object.assign(faults, noFaults()),
    /** As SIGKILL: connections break, what was written stays. */
    kill,
    /** On the same port, with the same log. */
    restart: async () => {
      kill();
      await start();
    },
    /** Ends open reads and subscriptions with an error of the server, or as if it had nothing more to say. */
    drop: (how: keyof typeof drops | 'end') => {
      for (const call of open) how === 'end' ? call.end() : call.emit('error', drops[how]);
    },
    notLeader: () =>
      serviceError(status.NOT_FOUND, 'Leader info available', {
        exception: 'not-leader',
        'leader-endpoint-host': '127.0.0.1',
        'leader-endpoint-port': String(port),
      }),
  };
}

export type EventStoreDbFake = Awaited<ReturnType<typeof startEventStoreDbFake>>;
