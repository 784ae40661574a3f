/** What a node refuses before it looks at a call: who asks, and whether only the leader may answer. */
import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Member } from './gossip.ts';
import { serviceError } from './messages.ts';

export type User = { readonly name: string; readonly password: string };

/** A real 23.10 answers a wrong password like this, on every call. */
const unauthenticated = serviceError(status.UNAUTHENTICATED, 'Unauthenticated');

/** A real 23.10 answers a call that asks for the leader like this when it is none; the client then goes there. */
export const notLeader = ({ host, port }: Member): Partial<ServiceError> =>
  serviceError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

/** The error for a call; null when it may go on. `leader` is null on the node that leads. */
export function refusal(
  metadata: Metadata,
  { user, leader }: { user?: User | undefined; leader: Member | null },
): Partial<ServiceError> | null {
  if (user) {
    const wanted = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
    if (metadata.get('authorization')[0] !== wanted) return unauthenticated;
  }
  return leader && metadata.get('requires-leader')[0] === 'true' ? notLeader(leader) : null;
}
