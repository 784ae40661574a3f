import { createHmac, timingSafeEqual } from 'node:crypto';
import { normaliseAddress } from './address.ts';

/** RFC 5321 4.5.3.1.1 */
const maxLocalPart = 64;
const tag = /\+t(\d{1,15})-([0-9a-f]{16})@/;

/** Reply addresses that name a ticket: `support+t1234-<signature>@example.org`. */
export type ReplyAddresses = {
  /** Address to put into Reply-To; the plain address where the tag does not fit. */
  make(mailboxAddress: string, ticketNumber: number): string;
  /** Number of the ticket that an address names and is signed for; null for all others. */
  read(address: string): number | null;
};

/**
 * The signature keeps people from writing to tickets by counting: only who got a mail of a ticket knows its address.
 * @param secret key of the signature; changing it makes earlier addresses plain ones
 */
export function createReplyAddresses(secret: string): ReplyAddresses {
  const signature = (ticketNumber: number): string =>
    createHmac('sha256', secret).update(`reply-address:${ticketNumber}`).digest('hex').slice(0, 16);

  return {
    make(mailboxAddress, ticketNumber) {
      const at = mailboxAddress.lastIndexOf('@');
      const local = `${mailboxAddress.slice(0, at)}+t${ticketNumber}-${signature(ticketNumber)}`;
      return local.length > maxLocalPart ? mailboxAddress : local + mailboxAddress.slice(at);
    },
    read(address) {
      const match = tag.exec(normaliseAddress(address) ?? '');
      const ticketNumber = Number(match?.[1]);
      if (!match?.[2] || !Number.isSafeInteger(ticketNumber)) return null;
      return timingSafeEqual(Buffer.from(match[2]), Buffer.from(signature(ticketNumber))) ? ticketNumber : null;
    },
  };
}

/** The address of the mailbox behind a tagged one: `support+anything@x` is delivered to `support@x` (RFC 5233). */
export const baseAddress = (address: string): string => address.replace(/^([^+@"]+)\+[^@]*@/, '$1@');
