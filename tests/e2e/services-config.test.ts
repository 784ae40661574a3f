import { describe, expect, it } from 'vitest';
import { serviceHome } from '#tests/support/service-home.ts';
import { type ServiceName, servicesAlone } from '#tests/support/service-process.ts';

describe('the configuration of a service', () => {
  const url = 'postgres://desk@127.0.0.1:1/desk';
  it.each<[ServiceName, Record<string, string>, RegExp]>([
    ...servicesAlone.map((name): [ServiceName, Record<string, string>, RegExp] => [
      name,
      { DATABASE_URL: 'mysql://host/desk' },
      new RegExp(`^${name}: DATABASE_URL must match pattern .*: PostgreSQL 15 or newer`),
    ]),
    ['relay', { DATABASE_URL: url }, /^relay: NATS_URL must be set: /],
    ['relay', { DATABASE_URL: url, NATS_URL: 'http://127.0.0.1' }, /^relay: NATS_URL must match pattern/],
    ['routing', { DATABASE_URL: url, NATS_TOKEN: '/a/file' }, /^routing: NATS_TOKEN is set, but NATS_URL is not$/],
    [
      'query-api',
      { DATABASE_URL: url, HTTP_PORT: '80800' },
      /^query-api: HTTP_PORT must be <= 65535: port of the HTTP/,
    ],
    [
      'projector',
      { DATABASE_URL: url, HEALTH_PORT: 'http' },
      /^projector: HEALTH_PORT must be integer: port of a service/,
    ],
    ['email-ingest', { DATABASE_URL: url, IMAP_ACCOUNTS: '/not/there' }, /^email-ingest: .*\/not\/there/],
    ['notification', { DATABASE_URL: url, SMTP_URL: 'mail.example' }, /^notification: SMTP_URL must match pattern/],
    [
      'command-api',
      { DATABASE_URL: url, DESK_SECRET: 'short' },
      /^command-api: DESK_SECRET must not have fewer than 32/,
    ],
    ['sla-timer', { DATABASE_URL: url, LOG_LEVEL: 'loud' }, /^sla-timer: LOG_LEVEL must be equal to one of/],
  ])('%s refuses %o in one line and exits with 3', { timeout: 240_000 }, async (name, variables, line) => {
    const { start } = await serviceHome();
    const service = await start(name, variables);
    expect(await service.ended).toBe(3);
    // What is not of the log: that begins with the port for probes, where the fault shows later than in the schema.
    const said = service
      .stderr()
      .split('\n')
      .filter((text) => text !== '' && !text.startsWith('{'));
    expect(said).toEqual([expect.stringMatching(line)]);
  });
});
