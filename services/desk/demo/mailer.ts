import { readFile } from 'node:fs/promises';
import type { Logger } from '#packages/kernel/logging.ts';
import { smtpAccount } from '#packages/mail/smtp-account.ts';
import { createSmtpDelivery } from '#packages/mail/smtp-delivery.ts';

export type Letter = '1-new-request' | '2-reply-in-thread' | '3-colleague' | '4-out-of-office';

/** Sends the prepared messages of the demo to the desk's SMTP intake, as a customer's mail server would. */
export function createMailer({ address, log }: { address: string; log: Logger }) {
  const account = smtpAccount({ SMTP_URL: `smtp://${address}?tls=none` });
  if (!account) throw new Error('no address of the SMTP intake');
  const delivery = createSmtpDelivery({ account, log });
  return {
    /** Fills the `{{…}}` of a message in and hands it over; resolves to the server's answer, throws when it refuses. */
    async send(letter: Letter, to: string, values: Readonly<Record<string, string>>): Promise<string> {
      const template = await readFile(new URL(`./mail/${letter}.eml`, import.meta.url), 'utf8');
      const filled = { date: mailDate(), ...values };
      const text = template.replace(
        /\{\{(\w+)\}\}/g,
        (whole, name: string) => (filled as Record<string, string>)[name] ?? whole,
      );
      const from = /^From:.*?([\w.+-]+@[\w.-]+)/im.exec(text)?.[1];
      if (from === undefined) throw new Error(`${letter} has no sender`);
      const raw = Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'utf8');
      const result = await delivery.deliver({ envelope: { from, to: [to] }, raw });
      if (!result.delivered) throw new Error(`the desk refused the mail: ${result.reason}`);
      return result.response;
    },
  };
}

/** RFC 5322 date of now. */
const mailDate = (): string => new Date().toUTCString().replace('GMT', '+0000');
