/**
 * An EventStoreDB in this process: the calls that the event log uses, answered as a real 23.10 answers them. Each part
 * names the answer of a real 23.10 that it mirrors, and `tests/contract/eventstoredb-answers.ts` asks both the same.
 */

import { setTimeout as wait } from 'node:timers/promises';
import features_grpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streams_grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  ReadReq,
  ReadResp,
  TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Certificate } from '../certificate.ts';
import { notLeader, refusal, type User } from './access.ts';
import { batchAppend, type Outcome, unaryAppend } from './append.ts';
import { type Member, serveGossip } from './gossip.ts';
import { createFakeLog, type FakeLog } from './log.ts';
import { errorOf, nameOf } from './messages.ts';
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
  /** Reads and subscriptions are taken, and that is all. */
  mute: boolean;
};

const noFaults = (): FakeFaults => ({
  appendMs: 0,
  unanswered: { count: 0, written: false },
  failing: { count: 0, error: {} },
  sendsCaughtUp: true,
  silent: false,
  mute: false,
});

export type FakeOptions = {
  /** Serves TLS as `localhost`. */
  readonly certificate?: Certificate;
  /** Who may ask; without it anybody. Only with a certificate, as the client sends no password without TLS. */
  readonly user?: User;
  /** What a node of a cluster shares with the others. */
  readonly cluster?: { readonly log: FakeLog; members(): readonly Member[] };
};

export async function startEventStoreDbFake({ certificate, user, cluster }: FakeOptions = {}) {
  const log = cluster?.log ?? createFakeLog();
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

  const own = (): Member => ({ host: certificate ? 'localhost' : '127.0.0.1', port, leads: true });
  const leader = (): Member => cluster?.members().find(({ leads }) => leads) ?? own();
  const refused = ({ metadata }: { metadata: Metadata }) =>
    refusal(metadata, { user, leader: leader().port === port ? null : leader() });

  const start = async (): Promise<void> => {
    server = new Server();
    serveGossip(server, () => cluster?.members() ?? [own()]);
    const read = serveRead(log, faults);
    const append = unaryAppend(log, outcome);
    const batch = batchAppend(log, outcome);
    server.addService(streams_grpc.StreamsService, {
      append: (call: ServerReadableStream<AppendReq, AppendResp>, callback: sendUnaryData<AppendResp>) => {
        const error = refused(call);
        if (error) callback(error);
        else void append(call, callback);
      },
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => {
        const error = refused(call);
        if (error) call.emit('error', error);
        else batch(call);
      },
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => {
        const error = refused(call);
        if (error) return void call.emit('error', error);
        open.add(call);
        call.on('close', () => open.delete(call));
        if (!faults.mute) void read(call);
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
    const credentials = certificate
      ? ServerCredentials.createSsl(null, [{ private_key: certificate.key, cert_chain: certificate.cert }])
      : ServerCredentials.createInsecure();
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    port = await promise;
  };
  const kill = (): void => {
    server?.forceShutdown();
    server = undefined;
    open.clear();
  };
  await start();

  return {
    url: certificate
      ? `esdb://${user?.name ?? 'admin'}:${user?.password ?? 'changeit'}@localhost:${port}?tlsCAFile=${certificate.caFile}`
      : `esdb://127.0.0.1:${port}?tls=false`,
    port,
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
    notLeader: () => notLeader(own()),
  };
}

export type EventStoreDbFake = Awaited<ReturnType<typeof startEventStoreDbFake>>;
