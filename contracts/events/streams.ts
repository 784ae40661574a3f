import type { SettingKind } from '../settings.ts';

/** Names of streams. The part before the first id is the kind, which subscriptions filter by prefix. */
export const streams = {
  ticket: (id: string) => `ticket-${id}`,
  person: (id: string) => `person-${id}`,
  article: (id: string) => `article-${id}`,
  company: (id: string) => `company-${id}`,
  group: (id: string) => `group-${id}`,
  setting: (kind: SettingKind, id: string) => `setting-${kind}-${id}`,
  bulk: (id: string) => `bulk-${id}`,
  inboundMail: (id: string) => `inbound-mail-${id}`,
  outboundMail: (id: string) => `outbound-mail-${id}`,
} as const;

const uuidAtEnd = /-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The uuid that a stream is named by, e.g. the ticket id of `ticket-<uuid>`. Throws on a stream without one. */
export function idOf(stream: string): string {
  const id = uuidAtEnd.exec(stream)?.[1];
  if (!id) throw new Error(`stream ${stream} is not named by a uuid`);
  return id;
}
