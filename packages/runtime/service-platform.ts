import { clockSkew, platformChecks } from './checks.ts';
import { type NatsConfig, natsAccess, natsVariables } from './nats-variables.ts';
import { openPlatform, type Platform } from './platform.ts';
import type { ServiceContext } from './run-service.ts';
import { variables } from './variables.ts';

/** What every service reads, whatever else it needs. */
export const platformVariables = {
  DATABASE_URL: variables.DATABASE_URL,
  EVENTSTORE_URL: variables.EVENTSTORE_URL,
  DATA_DIR: variables.DATA_DIR,
  HTTP_HOST: variables.HTTP_HOST,
  HEALTH_PORT: variables.HEALTH_PORT,
  LOG_LEVEL: variables.LOG_LEVEL,
  ...natsVariables,
} as const;

type Config = NatsConfig & {
  readonly DATABASE_URL: string;
  readonly EVENTSTORE_URL?: string;
  readonly DATA_DIR: string;
};

/** Several services share the connections that a server has. */
const poolSize = 8;

/** Opens the platform of a service that runs as a process of its own; the lifecycle closes it, health checks it. */
export async function openServicePlatform(
  config: Config,
  { health, lifecycle, log }: ServiceContext,
  projections: readonly { readonly name: string }[],
): Promise<Platform> {
  const connection = { connectionString: config.DATABASE_URL };
  const names = projections.map(({ name }) => name);
  const platform = await openPlatform({
    connection,
    eventStoreUrl: config.EVENTSTORE_URL,
    dataDir: config.DATA_DIR,
    poolSize,
    nats: natsAccess(config),
    projections: names,
    log,
  });
  lifecycle.add('platform', platform, (it) => it.close());
  health.add(...platformChecks(platform));
  const skew = await clockSkew(platform);
  if (skew !== undefined)
    log.warn(`${skew}: what it puts on record is dated wrong, and deadlines may be reported late`);
  return platform;
}
