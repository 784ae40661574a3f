import { ConfigError } from '#packages/kernel/config.ts';
import type { NatsAccess } from '#packages/message-bus/nats/access.ts';
import { variables } from './variables.ts';

const { NATS_CREDS, NATS_NKEY, NATS_TLS_CA, NATS_TLS_CERT, NATS_TLS_KEY, NATS_TOKEN, NATS_URL } = variables;

/** The variables that say where NATS is; none of them is needed. */
export const natsVariables = {
  NATS_URL,
  NATS_CREDS,
  NATS_NKEY,
  NATS_TOKEN,
  NATS_TLS_CA,
  NATS_TLS_CERT,
  NATS_TLS_KEY,
} as const;

export type NatsConfig = { readonly [Name in keyof typeof natsVariables]?: string };

/**
 * How to reach NATS; undefined for a desk without it. Throws ConfigError for variables that do not go together: none of
 * them may be without effect.
 */
export function natsAccess(config: NatsConfig): NatsAccess | undefined {
  const given = (Object.keys(natsVariables) as (keyof NatsConfig)[]).filter((name) => config[name] !== undefined);
  const [first] = given;
  if (first === undefined) return undefined;
  if (config.NATS_URL === undefined) throw new ConfigError(`${first} is set, but NATS_URL is not`);
  const logins = given.filter((name) => name === 'NATS_CREDS' || name === 'NATS_NKEY' || name === 'NATS_TOKEN');
  if (logins.length > 1) throw new ConfigError(`${logins.join(' and ')} are set, but only one login can be used`);
  for (const [one, other] of [
    ['NATS_TLS_CERT', 'NATS_TLS_KEY'],
    ['NATS_TLS_KEY', 'NATS_TLS_CERT'],
  ] as const)
    if (config[one] !== undefined && config[other] === undefined)
      throw new ConfigError(`${one} is set, but ${other} is not`);
  return {
    url: config.NATS_URL,
    ...(config.NATS_CREDS && { credsFile: config.NATS_CREDS }),
    ...(config.NATS_NKEY && { nkeyFile: config.NATS_NKEY }),
    ...(config.NATS_TOKEN && { tokenFile: config.NATS_TOKEN }),
    ...(config.NATS_TLS_CA && { tlsCaFile: config.NATS_TLS_CA }),
    ...(config.NATS_TLS_CERT && { tlsCertFile: config.NATS_TLS_CERT }),
    ...(config.NATS_TLS_KEY && { tlsKeyFile: config.NATS_TLS_KEY }),
  };
}
