import type { ReportedRecipient } from './parsed-mail.ts';

const actions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/**
 * Recipients of a `message/delivery-status` part (RFC 3464): groups of fields parted by empty lines, the first about
 * the message, each further one about a recipient. Some mailers leave that empty line out, so a group counts
 * as a recipient's when it holds a recipient's field.
 */
export function readDeliveryStatus(content: string): ReportedRecipient[] {
  const groups = content.replace(/\r\n?/g, '\n').split(/\n[ \t]*\n/);
  return groups.map(fieldsOf).flatMap((fields) => {
    // The address that was written to, before any forwarding on the way, is the one that is known here.
    const recipient = fields.get('original-recipient') ?? fields.get('final-recipient');
    if (recipient === undefined && !fields.has('action')) return [];
    return [{ address: addressOf(recipient), action: actionOf(fields), status: statusOf(fields) }];
  });
}

function fieldsOf(group: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of group.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Address of `rfc822; <user@example.org>`, as it is written there. */
function addressOf(recipient: string | undefined): string | null {
  const address = recipient?.slice(recipient.indexOf(';') + 1).replace(/[<>\s]/g, '');
  return address?.includes('@') ? address : null;
}

/** The action, also in the wrong forms that are about: `failure`, `Delayed (will retry)`. */
function actionOf(fields: ReadonlyMap<string, string>): ReportedRecipient['action'] {
  const word = (fields.get('action') ?? '').toLowerCase();
  return actions.find((action) => word.startsWith(action.slice(0, 4))) ?? null;
}

const statusOf = (fields: ReadonlyMap<string, string>): string | null =>
  /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get('status') ?? '')?.[0] ?? null;
