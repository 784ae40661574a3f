import type { Status } from '#contracts/primitives.ts';
import { domainOf } from './address.ts';
import type { ParsedMail } from './parsed-mail.ts';

export type ThreadKeys = {
  /** Newest first: what the mail answers, then its ancestors. */
  readonly messageIds: readonly { readonly id: string; readonly header: 'in-reply-to' | 'references' }[];
  readonly replyAddressNumbers: readonly number[];
  readonly subjectNumbers: readonly number[];
};

/** A ticket that one of the keys leads to, as the caller looked it up. */
export type ThreadCandidate = {
  readonly ticketId: string;
  readonly number: number;
  readonly status: Status;
  /** What its customer writes still belongs to it, rather than to a follow-up. */
  readonly takesReplies: boolean;
  /** Those of `ThreadKeys.messageIds` that are of this ticket. */
  readonly messageIds: readonly string[];
  /** RFC 3339 */
  readonly lastActivityAt: string;
  /** Requester, earlier authors, people in copy. */
  readonly participantAddresses: readonly string[];
  /** Company domains of the requester: colleagues may answer. */
  readonly participantDomains: readonly string[];
};

export type ThreadChoice =
  | {
      readonly ticketId: string;
      readonly number: number;
      readonly status: Status;
      readonly takesReplies: boolean;
      readonly matchedBy: 'in-reply-to' | 'references' | 'reply-address' | 'subject-number';
      readonly reason: string;
    }
  | { readonly ticketId: null; readonly matchedBy: 'none'; readonly reason: string };

const maxKeys = 50;
/** `[#1234]` on its own, not as a part of a longer word: `a[#1]`, `[#1]b` and `[#1a]` name no ticket. */
const subjectNumber = /(?<![\p{L}\p{N}_])\[#([1-9]\d{0,14})\](?![\p{L}\p{N}_])/gu;

/**
 * What to look tickets up by.
 * @param recipients of the envelope; a reply address may be in copy or hidden from the header
 */
export function threadKeys(
  mail: Pick<ParsedMail, 'inReplyTo' | 'references' | 'to' | 'cc' | 'subject'>,
  options: {
    readonly readReplyAddress?: (address: string) => number | null;
    readonly recipients?: readonly string[];
  } = {},
): ThreadKeys {
  const { readReplyAddress = () => null, recipients = [] } = options;
  const answered = mail.inReplyTo.map((id) => ({ id, header: 'in-reply-to' as const }));
  const ancestors = mail.references.toReversed().map((id) => ({ id, header: 'references' as const }));
  const keys = new Map([...ancestors, ...answered].map((key) => [key.id, key]));
  const ordered = [...new Set([...answered, ...ancestors].map(({ id }) => id))].flatMap((id) => keys.get(id) ?? []);
  const addresses = [...recipients, ...[...mail.to, ...mail.cc].map(({ address }) => address)];
  return {
    messageIds: ordered.slice(0, maxKeys),
    replyAddressNumbers: unique(addresses.map(readReplyAddress).filter((number) => number !== null)),
    subjectNumbers: unique([...mail.subject.matchAll(subjectNumber)].map((match) => Number(match[1]))),
  };
}

/**
 * Decides which ticket a mail belongs to: by the message it answers, by a signed reply address, by the number in its
 * subject, in that order. Message ids travel and numbers can be guessed, so those count only for an agent or somebody
 * who takes part in the ticket already; else a stranger's mail, and the answer to it, could end up in somebody's ticket.
 * Whether a closed ticket is reopened or followed up is the caller's decision.
 * @param isAgent the sender works at the desk
 */
export function chooseThread(input: {
  readonly mail: Pick<ParsedMail, 'from'>;
  readonly keys: ThreadKeys;
  readonly candidates: readonly ThreadCandidate[];
  readonly isAgent: boolean;
}): ThreadChoice {
  const { mail, keys, candidates, isAgent } = input;
  const sender = mail.from?.address ?? null;
  const isAdmitted = (candidate: ThreadCandidate): boolean =>
    isAgent || (sender !== null && takesPart(candidate, sender));
  const strange = new Set<number>();
  const admitted = (found: readonly ThreadCandidate[]): ThreadCandidate | undefined => {
    for (const candidate of found) if (!isAdmitted(candidate)) strange.add(candidate.number);
    return found.filter(isAdmitted).toSorted(newestFirst)[0];
  };

  for (const { id, header } of keys.messageIds) {
    const found = candidates.filter((candidate) => candidate.messageIds.includes(id));
    const chosen = admitted(found);
    if (chosen) return choice(chosen, header, `Its ${header} header names a message of ${nameAll(found, chosen)}.`);
  }
  for (const number of keys.replyAddressNumbers) {
    const chosen = candidates.find((candidate) => candidate.number === number);
    if (chosen) return choice(chosen, 'reply-address', `It was sent to the signed reply address of #${number}.`);
  }
  for (const number of keys.subjectNumbers) {
    const chosen = admitted(candidates.filter((candidate) => candidate.number === number));
    if (chosen)
      return choice(chosen, 'subject-number', `Its subject names #${number}, in which the sender takes part.`);
  }
  return { ticketId: null, matchedBy: 'none', reason: whyNone(keys, strange) };
}

const takesPart = ({ participantAddresses, participantDomains }: ThreadCandidate, sender: string): boolean =>
  participantAddresses.includes(sender) || participantDomains.includes(domainOf(sender));

const newestFirst = (a: ThreadCandidate, b: ThreadCandidate): number =>
  Date.parse(b.lastActivityAt) - Date.parse(a.lastActivityAt);

const choice = (
  { ticketId, number, status, takesReplies }: ThreadCandidate,
  matchedBy: 'in-reply-to' | 'references' | 'reply-address' | 'subject-number',
  reason: string,
): ThreadChoice => ({ ticketId, number, status, takesReplies, matchedBy, reason });

function nameAll(found: readonly ThreadCandidate[], chosen: ThreadCandidate): string {
  if (found.length === 1) return `#${chosen.number}`;
  const all = found.map(({ number }) => `#${number}`).join(' and ');
  return `${all}; #${chosen.number} was taken as the one last active of those the sender takes part in`;
}

function whyNone(keys: ThreadKeys, strange: ReadonlySet<number>): string {
  if (strange.size > 0) {
    const numbers = [...strange].map((number) => `#${number}`).join(', ');
    return `It refers to ${numbers}, but the sender takes no part there.`;
  }
  const refers = keys.messageIds.length + keys.subjectNumbers.length + keys.replyAddressNumbers.length > 0;
  return refers
    ? 'It refers to no message or ticket that is known here.'
    : 'It refers to no earlier message or ticket.';
}

const unique = (numbers: readonly number[]): number[] => [...new Set(numbers)];
