import { instanceName } from './layout.ts';

type Settings = Readonly<Record<string, string>>;

/** For a machine of two cores shared with the desk; given on the command line, so that they follow the desk's version. */
const common: Settings = {
  listen_addresses: '',
  shared_buffers: '192MB',
  max_connections: '100',
  max_wal_size: '2GB',
  huge_pages: 'off',
  random_page_cost: '1.1',
  // Bundled binaries come without LLVM.
  jit: 'off',
  timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  log_timezone: 'UTC',
  // Statements, keys and rows hold what customers wrote: they stay out of the log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** What is acknowledged is on disk. */
const durable: Settings = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** For tests whose data need not outlive the machine. */
const volatile: Settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Arguments of `postgres`. */
export function serverArgs(options: {
  cluster: string;
  socketDir: string;
  socketPort: number;
  durable: boolean;
}): readonly string[] {
  const settings: Settings = {
    ...common,
    ...(options.durable ? durable : volatile),
    cluster_name: instanceName(options.cluster),
    port: String(options.socketPort),
    // A list of names: the quotes keep commas and blanks of a path in one name.
    unix_socket_directories: `"${options.socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  };
  return ['-D', options.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
