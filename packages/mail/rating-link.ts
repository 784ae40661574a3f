import { createHmac, timingSafeEqual } from 'node:crypto';

/** One solution of one ticket, and who was asked about it: what a link lets its holder rate, and nothing else. */
export type Rateable = { readonly ticketId: string; readonly round: number; readonly requesterId: string };

export type RatingLinks = {
  /** The part of the path that names and proves what may be rated. */
  make(rateable: Rateable): string;
  /** What a token names; null for one that is not ours. */
  read(token: string): Rateable | null;
};

/** What the scores 1 to 5 mean, in words. */
export const scoreWords = ['very bad', 'bad', 'neither', 'good', 'very good'] as const;

/** The address of the page where a solution is rated. */
export type RatingUrl = (rateable: Rateable) => string;

/** @param publicUrl address of the desk as customers reach it, with or without a slash at its end */
export function createRatingUrl({ publicUrl, secret }: { publicUrl: string; secret: string }): RatingUrl {
  const links = createRatingLinks(secret);
  const base = publicUrl.replace(/\/+$/, '');
  return (rateable) => `${base}/rate/${links.make(rateable)}`;
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const tokenForm = new RegExp(`^(${uuid})\\.([1-9][0-9]{0,3})\\.(${uuid})\\.([A-Za-z0-9_-]{22})$`);

/**
 * Signed links for rating without an account: `<ticket>.<round>.<requester>.<128 bits of HMAC-SHA256>`. Whoever holds
 * one may rate that solution for the requester and learns the ticket's number and what was said by that rating.
 * @param secret key of the signature; changing it makes earlier links void
 */
export function createRatingLinks(secret: string): RatingLinks {
  const signature = ({ ticketId, round, requesterId }: Rateable): string =>
    createHmac('sha256', secret)
      .update(`rating:${ticketId}:${round}:${requesterId}`)
      .digest()
      .subarray(0, 16)
      .toString('base64url');
  return {
    make: (rateable) => `${rateable.ticketId}.${rateable.round}.${rateable.requesterId}.${signature(rateable)}`,
    read(token) {
      const [, ticketId, round, requesterId, given] = tokenForm.exec(token) ?? [];
      if (ticketId === undefined || requesterId === undefined || given === undefined) return null;
      const rateable = { ticketId, round: Number(round), requesterId };
      return timingSafeEqual(Buffer.from(given), Buffer.from(signature(rateable))) ? rateable : null;
    },
  };
}
