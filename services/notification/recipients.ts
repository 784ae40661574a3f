import type { MailHeaders } from '#contracts/events/message.ts';
import type { Reach } from '#packages/commands/directory/reach.ts';
import { baseAddress } from '#packages/mail/reply-address.ts';
import type { Conversation } from './conversation.ts';

/** More people than this in copy of a mail are a list, and not ours to write to. */
const maxCopies = 50;

export type Recipients = { readonly to: readonly string[]; readonly cc: readonly string[] };

/**
 * Where a requester gets answers: where they last wrote from, as whoever they were then. `gone` are addresses that they
 * wrote from and that are theirs no more, which somebody else may have by now.
 */
export function requesterIn({ writers }: Pick<Conversation, 'writers'>, { addresses, ids }: Reach) {
  const theirs = writers.filter(({ authorId }) => ids.includes(authorId)).map(({ address }) => address);
  const ofOthers = writers.filter(({ authorId }) => !ids.includes(authorId)).map(({ address }) => address);
  const gone = theirs.filter((address) => !addresses.includes(address) && !ofOthers.includes(address));
  const address = theirs.findLast((each) => addresses.includes(each)) ?? addresses[0] ?? null;
  return { address, gone: new Set(gone) };
}

/**
 * Who gets an agent's answer: the requester, and in copy the customers who follow the ticket and everybody on the
 * customer's newest mail, as when answering all. Left out are the desk's own mailboxes, and in copy what is `gone`. Null when
 * nobody is left.
 */
export function recipientsOf(input: {
  readonly requester: string | null;
  readonly customerMail: MailHeaders | null;
  /** Addresses of the followers who are customers. */
  readonly followers?: readonly string[];
  readonly ownAddresses: ReadonlySet<string>;
  readonly gone?: ReadonlySet<string>;
}): Recipients | null {
  const { customerMail, followers = [], gone, ownAddresses, requester } = input;
  const isOwn = (address: string) => ownAddresses.has(address) || ownAddresses.has(baseAddress(address));
  const others = customerMail ? [...new Set([customerMail.from, ...customerMail.to, ...customerMail.cc])] : [];
  const to = requester !== null && !isOwn(requester) ? [requester] : [];
  const isCopied = (address: string) => address !== requester && !isOwn(address) && !gone?.has(address);
  const copies = others.filter(isCopied).slice(0, maxCopies);
  const cc = [...new Set([...followers.filter(isCopied), ...copies])];
  if (to.length > 0) return { to, cc };
  return cc.length > 0 ? { to: cc, cc: [] } : null;
}
