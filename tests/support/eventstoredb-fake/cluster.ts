import type { Member } from './gossip.ts';
import { createFakeLog } from './log.ts';
import { type EventStoreDbFake, startEventStoreDbFake } from './server.ts';

/** Three nodes with one log, of which one leads: what is written on the leader is at once on all. */
export async function startEventStoreDbFakeCluster() {
  const log = createFakeLog();
  const nodes: EventStoreDbFake[] = [];
  let leading = 0;
  let hidden = false;
  const members = (): Member[] =>
    (hidden ? [] : nodes).map(({ port }, index) => ({ host: '127.0.0.1', port, leads: index === leading }));
  for (let index = 0; index < 3; index += 1) nodes.push(await startEventStoreDbFake({ cluster: { log, members } }));
  return {
    nodes,
    log,
    url: `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false`,
    /** An election: subscriptions end, and the node that led before refuses what only the leader may answer. */
    elect: (index: number) => {
      nodes[leading]?.drop('unavailable');
      leading = index;
    },
    /** From now on the nodes know of nobody, as one does that boots: clients find no leader. */
    hideMembers: () => {
      hidden = true;
    },
    kill: () => {
      for (const node of nodes) node.kill();
    },
  };
}
