import type { Readiness } from '#contracts/api/health.ts';
import { freePort } from './free-port.ts';
import { startProcess, type TestProcess } from './process.ts';

/** Every folder of services/ that is a process of its own and needs no broker. */
export const servicesAlone = [
  'projector',
  'command-api',
  'query-api',
  'routing',
  'relations',
  'bulk',
  'notification',
  'sla-timer',
  'email-ingest',
] as const;
export type ServiceName = (typeof servicesAlone)[number] | 'relay';

export type ServiceProcess = TestProcess & {
  readonly name: ServiceName;
  /** Of the API, where it is one. */
  readonly httpPort: number;
  readonly smtpPort: number;
  readonly healthPort: number;
  /** What /readyz says; null while nobody answers. */
  readiness(): Promise<Readiness | null>;
  /** What the check of that name says; null while there is none. */
  detail(check: string): Promise<string | null>;
};

/** Starts a service as a process of its own on free ports; it need not be ready yet. */
export async function startService(name: ServiceName, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const [httpPort, smtpPort, healthPort] = [await freePort(), await freePort(), await freePort()];
  const ports = { HTTP_PORT: `${httpPort}`, SMTP_PORT: `${smtpPort}`, HEALTH_PORT: `${healthPort}` };
  const service = startProcess([`services/${name}/main.ts`], { ...ports, ...env });
  const readiness = async (): Promise<Readiness | null> => {
    try {
      const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return (await response.json()) as Readiness;
    } catch {
      return null;
    }
  };
  return {
    ...service,
    name,
    httpPort,
    smtpPort,
    healthPort,
    readiness,
    detail: async (check) => (await readiness())?.checks.find((each) => each.name === check)?.detail ?? null,
  };
}

/** Waits until it is so; throws with the question, and with what the process has said, when it takes too long. */
export async function untilSo(
  question: string,
  is: () => Promise<boolean>,
  { pollMs = 25, service, timeoutMs = 120_000 }: { pollMs?: number; service?: ServiceProcess; timeoutMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await is())) {
    if (performance.now() > deadline || (service && service.child.exitCode !== null))
      throw new Error(`waited in vain until ${question}\n${service?.stderr().slice(-4_000) ?? ''}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

/** Every look asks the database: several starting processes are not looked at more often than they need. */
export const untilReady = (service: ServiceProcess): Promise<void> =>
  untilSo(`${service.name} is ready`, async () => (await service.readiness())?.ready === true, {
    service,
    pollMs: 150,
  });
