import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

type Answer = { readonly code: number; readonly text: string };

/**
 * A mail server for tests. What it accepts is kept; `answers` are given to the next messages in turn, in place of 250.
 * It ends with the test.
 */
export async function startSmtpPeer() {
  const accepted: { readonly from: string; readonly to: readonly string[]; readonly raw: string }[] = [];
  const answers: Answer[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, { envelope }, done) {
      buffer(stream).then((content) => {
        const answer = answers.shift();
        if (answer) return done(Object.assign(new Error(answer.text), { responseCode: answer.code }));
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        accepted.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw: content.toString() });
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(resolve));
  onTestFinished(close);
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, accepted, answers, close };
}
