import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { onTestFinished } from 'vitest';
import { type ServiceName, type ServiceProcess, startService } from './service-process.ts';

/** Services of one test with a directory of their own; they and it are gone after the test. */
export async function serviceHome(variables: Record<string, string> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'deskledger-faults-'));
  const started: ServiceProcess[] = [];
  onTestFinished(async () => {
    for (const service of started) service.signal('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await rm(dataDir, { recursive: true, force: true });
  });
  return {
    dataDir,
    async start(name: ServiceName, more: Record<string, string> = {}): Promise<ServiceProcess> {
      const common = { DATA_DIR: dataDir };
      const cache = { NODE_COMPILE_CACHE: join(tmpdir(), 'deskledger-compile-cache') };
      const service = await startService(name, { ...cache, ...common, ...variables, ...more });
      started.push(service);
      return service;
    },
  };
}

/** Hands one mail over; resolves to the code of the answer, 0 for none. */
export async function mail(service: ServiceProcess, subject: string): Promise<number> {
  const transport = createTransport({ host: '127.0.0.1', port: service.smtpPort, socketTimeout: 30_000 });
  try {
    const message = { from: 'lena@globex.example', to: 'support@desk.example', subject, text: 'Help.' };
    await transport.sendMail({ ...message, messageId: `<${subject}@globex.example>` });
    return 250;
  } catch (error) {
    return error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  } finally {
    transport.close();
  }
}
