/** Header by which the desk knows its own mail when it comes back: through a forward, a list, a copy to itself. */
export const loopHeader = 'x-deskledger-loop';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ownIdPattern = new RegExp(`^desk-${uuid}@(.+)$`);

/**
 * Message-ID, without brackets, of a mail that the desk sends: the same for every attempt, so that a mail sent twice
 * after an unknown outcome is one mail to its receiver.
 * @param mailId uuid of the outgoing mail
 */
export const ownMessageId = (mailId: string, ownDomain: string): string => `desk-${mailId}@${ownDomain}`;

export const isOwnMessageId = (messageId: string, ownDomain: string): boolean =>
  ownIdPattern.exec(messageId)?.[1] === ownDomain;
