import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';

/** The folder of a data directory that holds all of PostgreSQL, and the cluster in it. Paths are absolute. */
export const homeOf = (dataDir: string): string => join(resolve(dataDir), 'postgres');
export const clusterOf = (dataDir: string): string => join(homeOf(dataDir), 'cluster');

/** A short name for one cluster, always the same for its path: shown by its processes, and never in two desks' way. */
export const instanceName = (cluster: string): string =>
  `deskledger-${createHash('sha256').update(dirname(cluster)).digest('hex').slice(0, 16)}`;
