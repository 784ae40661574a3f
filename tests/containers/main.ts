/**
 * `make test-containers`: the contract and end-to-end suites on the servers of infra/compose.yaml, each in a container.
 * They are the suites of `make test`; variables tell them of servers to use instead of their own. Exits with the code of
 * vitest, or with 3 and one line when there is no container engine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { yamlOf } from '#tests/support/infra.ts';

const noEngine = 3;
const startMs = 180_000;

const image = (service: string): string => yamlOf('infra/compose.yaml').services[service].image;

const postgres = () =>
  new GenericContainer(image('postgres'))
    .withEnvironment({ POSTGRES_PASSWORD: 'tests', POSTGRES_DB: 'tests' })
    .withCommand(['postgres', '-c', 'max_connections=300', '-c', 'fsync=off'])
    .withExposedPorts(5432)
    .withHealthCheck({
      test: ['CMD', 'pg_isready', '--host=127.0.0.1', '--username=postgres'],
      interval: 1_000,
      timeout: 3_000,
      retries: 60,
    })
    .withWaitStrategy(Wait.forHealthCheck());

const nats = () =>
  new GenericContainer(image('nats'))
    .withCommand(['--jetstream', '--store_dir', '/data'])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage('Server is ready'));

const eventStore = () =>
  new GenericContainer(image('eventstore'))
    .withEnvironment({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_RUN_PROJECTIONS: 'None' })
    .withExposedPorts(2113)
    .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCode(204));

try {
  await getContainerRuntimeClient();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`test-containers: no container engine here, nothing was tried (${reason.split('\n')[0]})\n`);
  process.exit(noEngine);
}

const started: StartedTestContainer[] = [];
const run = async (container: GenericContainer, port: number): Promise<string> => {
  const running = await container.withStartupTimeout(startMs).start();
  started.push(running);
  return `${running.getHost()}:${running.getMappedPort(port)}`;
};

let code = 1;
try {
  const servers = {
    TEST_DATABASE_URL: `postgres://postgres:tests@${await run(postgres(), 5432)}/tests`,
    NATS_TEST_URL: `nats://${await run(nats(), 4222)}`,
    EVENTSTORE_TEST_URL: `esdb://${await run(eventStore(), 2113)}?tls=false`,
    // Logs of their own: a desk must not meet what other tests wrote.
    EVENTSTORE_TEST_DESK_URL: `esdb://${await run(eventStore(), 2113)}?tls=false`,
    EVENTSTORE_TEST_SERVICES_URL: `esdb://${await run(eventStore(), 2113)}?tls=false`,
    EVENTSTORE_TEST_DAY_URL: `esdb://${await run(eventStore(), 2113)}?tls=false`,
    EVENTSTORE_TEST_KILLED_URL: `esdb://${await run(eventStore(), 2113)}?tls=false`,
  };
  // One file after the other: they share a NATS server, and each begins by emptying it.
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1', '--no-file-parallelism'];
  const vitest = spawn(process.execPath, [...args, 'tests/contract', 'tests/e2e'], {
    stdio: 'inherit',
    env: { ...process.env, ...servers },
  });
  const [ended] = await once(vitest, 'exit');
  code = typeof ended === 'number' ? ended : 1;
} finally {
  await Promise.allSettled(started.map((container) => container.stop()));
}
process.exit(code);
