import { describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { createRatingLinks } from '#packages/mail/rating-link.ts';

const links = createRatingLinks('a secret of the tests, longer than 32 characters');
const ticketId = newId();
const requesterId = newId();

describe('a rating link', () => {
  it('names the solution it was made for', () => {
    const rateable = { ticketId, round: 12, requesterId };
    expect(links.read(links.make(rateable))).toEqual(rateable);
  });

  it('is void when anything of it was changed, and for another secret', () => {
    const token = links.make({ ticketId, round: 1, requesterId });
    const other = links.make({ ticketId: newId(), round: 1, requesterId });
    const signature = token.split('.')[3];
    const forged = [
      `${ticketId}.2.${requesterId}.${signature}`,
      `${ticketId}.1.${newId()}.${signature}`,
      `${ticketId}.1.${requesterId}.${other.split('.')[3]}`,
      `${ticketId}.01.${requesterId}.${signature}`,
      token.slice(0, -1),
      `${token}A`,
      ticketId,
      '',
    ];
    expect(forged.map(links.read)).toEqual(forged.map(() => null));
    expect(createRatingLinks('another secret, also longer than 32 characters').read(token)).toBeNull();
  });
});
