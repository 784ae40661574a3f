/** Who is in the cluster and who leads it: what a client asks each address of its connection string at first. */
import gossip_grpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';

export type Member = { readonly host: string; readonly port: number; readonly leads: boolean };

/** A real 23.10 answers this to anybody, also without user and password. */
export function serveGossip(server: Server, members: () => readonly Member[]): void {
  server.addService(gossip_grpc.GossipService, {
    read: (_: ServerUnaryCall<Empty, gossip.ClusterInfo>, callback: sendUnaryData<gossip.ClusterInfo>) => {
      const info = new gossip.ClusterInfo();
      info.setMembersList(members().map(memberInfo));
      callback(null, info);
    },
  });
}

function memberInfo({ host, port, leads }: Member): gossip.MemberInfo {
  const { MemberInfo, EndPoint } = gossip;
  const id = new shared.UUID();
  id.setString(crypto.randomUUID());
  const endPoint = new EndPoint();
  endPoint.setAddress(host);
  endPoint.setPort(port);
  const member = new MemberInfo();
  member.setInstanceId(id);
  member.setState(leads ? MemberInfo.VNodeState.LEADER : MemberInfo.VNodeState.FOLLOWER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  return member;
}
