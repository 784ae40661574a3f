import { Type } from 'typebox';
import { Port } from '#packages/kernel/config.ts';

const Url = (protocols: string, description: string) => Type.String({ pattern: `^(${protocols})://`, description });

/** Wording of the one variable that a process may need and another may do without. */
export const databaseUrlAbout = 'PostgreSQL 15 or newer, postgres://user@host/database';

/** Fewest characters of the desk's secret. */
export const secretLength = 32;

/** Every environment variable of the desk and its services, once. Each process names those it reads. */
export const variables = {
  DATA_DIR: Type.String({ default: './data', description: 'directory of database, files and outbox' }),
  DATABASE_URL: Url('postgres|postgresql', databaseUrlAbout),
  EVENTSTORE_URL: Type.Optional(
    Url(
      'esdb|esdb\\+discover',
      'EventStoreDB for the event log, esdb://user:password@host:2113 or esdb+discover://…; without it the log is in PostgreSQL',
    ),
  ),
  HTTP_HOST: Type.String({ default: '127.0.0.1', description: 'address the HTTP server listens on' }),
  HTTP_PORT: Port(8080, 'port of the HTTP server, a whole number from 0 (any free one) to 65535'),
  HEALTH_PORT: Type.Optional(
    Port(
      undefined,
      'port of a service by itself that serves /healthz, /readyz and /metrics from its first moment on, at HTTP_HOST; without it the APIs have them at HTTP_PORT and the others nowhere',
    ),
  ),
  SMTP_HOST: Type.String({ default: '127.0.0.1', description: 'address the SMTP intake listens on' }),
  SMTP_PORT: Port(2525, 'port of the SMTP intake, a whole number from 0 (any free one) to 65535'),
  SMTP_MAX_BYTES: Type.Integer({
    default: 25 * 1024 * 1024,
    minimum: 64 * 1024,
    description: 'largest mail taken in, in bytes',
  }),
  SMTP_TLS_CERT: Type.Optional(
    Type.String({ description: 'PEM file of the certificate of the SMTP intake; with it STARTTLS is offered' }),
  ),
  SMTP_TLS_KEY: Type.Optional(Type.String({ description: 'PEM file of its key' })),
  IMAP_ACCOUNTS: Type.Optional(
    Type.String({ description: 'path of a JSON file that lists mail accounts to read from, see below' }),
  ),
  SMTP_URL: Type.Optional(
    Url(
      'smtp|smtps',
      'server for outgoing mail, smtp://user:password@host:port or smtps://…, see below; without it mail goes to DATA_DIR/outbox',
    ),
  ),
  SMTP_PASSWORD_FILE: Type.Optional(Type.String({ description: 'file with the password for SMTP_URL' })),
  SMTP_TOKEN_FILE: Type.Optional(
    Type.String({ description: 'file with an OAuth2 access token for SMTP_URL, in place of a password' }),
  ),
  SMTP_CA_FILE: Type.Optional(
    Type.String({
      description: 'PEM file of the authority that signed the certificate of SMTP_URL, if not a public one',
    }),
  ),
  MAIL_DOMAIN: Type.String({
    default: 'desk.example',
    pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$',
    description: 'domain of the first mailboxes and of Message-IDs, in lower case',
  }),
  PUBLIC_URL: Type.Optional(
    Url(
      'http|https',
      'address of the desk as its users write it, for links; without it nobody is asked for a rating by mail',
    ),
  ),
  DESK_SECRET: Type.Optional(
    Type.String({
      minLength: secretLength,
      description: `signs reply addresses and uploads, at least ${secretLength} characters, the same for all services; without it one is kept in DATA_DIR`,
    }),
  ),
  NATS_URL: Type.Optional(
    Url(
      'nats|tls',
      'NATS servers with JetStream, nats://host:port, several separated by commas; without it services follow the log by themselves',
    ),
  ),
  NATS_CREDS: Type.Optional(
    Type.String({ description: 'file with the credentials of a NATS user (JWT and NKEY seed)' }),
  ),
  NATS_NKEY: Type.Optional(Type.String({ description: 'file with the NKEY seed of a NATS user' })),
  NATS_TOKEN: Type.Optional(Type.String({ description: 'file with the token that NATS asks for' })),
  NATS_TLS_CA: Type.Optional(
    Type.String({ description: 'PEM file of the authorities that NATS certificates are checked against' }),
  ),
  NATS_TLS_CERT: Type.Optional(Type.String({ description: 'PEM file of our certificate for NATS' })),
  NATS_TLS_KEY: Type.Optional(Type.String({ description: 'PEM file of its key' })),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
    default: 'info',
    description: 'fatal, error, warn, info, debug or trace',
  }),
} as const;
