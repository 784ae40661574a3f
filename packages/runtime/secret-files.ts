import { readFileSync } from 'node:fs';
import { ConfigError } from '#packages/kernel/config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const suffix = '_FILE';
const maxBytes = 65_536;

/**
 * The environment with values from files filled in: `DATABASE_URL_FILE` names a file that holds DATABASE_URL, so that a
 * secret need not be in the environment, which every child and every inspection of the process shows. One line break at
 * the end of the file is left out. Throws ConfigError when both are set, and for a file that cannot be read.
 */
export function withSecretFiles(names: readonly string[], env: Environment): Environment {
  const filled: Record<string, string | undefined> = { ...env };
  for (const name of names) {
    const file = env[name + suffix];
    if (!file) continue;
    if (env[name]) throw new ConfigError(`${name} and ${name}${suffix} are both set: one of them is enough`);
    filled[name] = contents(`${name}${suffix}`, file);
  }
  return filled;
}

function contents(variable: string, file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > maxBytes) throw new Error(`${file} is larger than ${maxBytes} bytes`);
    return bytes.toString('utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new ConfigError(`${variable}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
