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

/** How to reach NATS; undefined for a desk without it. */
export function natsAccess(config: NatsConfig): NatsAccess | undefined {
  if (config.NATS_URL === undefined) return undefined;
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
