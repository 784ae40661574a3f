import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '#packages/kernel/config.ts';

type Variables = { readonly SMTP_TLS_CERT?: string; readonly SMTP_TLS_KEY?: string };

/** The option `tls` of the SMTP intake as the environment has it. Throws ConfigError. */
export async function intakeTls({ SMTP_TLS_CERT, SMTP_TLS_KEY }: Variables) {
  if (SMTP_TLS_CERT === undefined && SMTP_TLS_KEY === undefined) return {};
  if (SMTP_TLS_CERT === undefined || SMTP_TLS_KEY === undefined)
    throw new ConfigError('SMTP_TLS_CERT and SMTP_TLS_KEY go together: one of them is missing');
  const tls = { cert: await content('SMTP_TLS_CERT', SMTP_TLS_CERT), key: await content('SMTP_TLS_KEY', SMTP_TLS_KEY) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new ConfigError(`SMTP_TLS_CERT and SMTP_TLS_KEY cannot be used: ${messageOf(error)}`);
  }
  return { tls };
}

async function content(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${name}: cannot read ${path}: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
