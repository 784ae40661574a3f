import { describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { createRatingLinks } from '#packages/mail/rating-link.ts';

const links = createRatingLinks('a secret of the tests, longer than 32 characters');
const ticketId = newId();

describe('a rating link', () => {
  it('names the solution it was made for', () => {
    expect(links.read(links.make({ ticketId, round: 12 }))).toEqual({ ticketId, round: 12 });
  });

  it('is void when anything of it was changed, and for another secret', () => {
    const token = links.make({ ticketId, round: 1 });
    const other = links.make({ ticketId: newId(), round: 1 });
    const signature = token.split('.')[2];
    const forged = [
      `${ticketId}.2.${signature}`,
      `${ticketId}.1.${other.split('.')[2]}`,
      `${ticketId}.01.${signature}`,
      token.slice(0, -1),
      `${token}A`,
      ticketId,
      '',
    ];
    expect(forged.map(links.read)).toEqual(forged.map(() => null));
    expect(createRatingLinks('another secret, also longer than 32 characters').read(token)).toBeNull();
  });
});
