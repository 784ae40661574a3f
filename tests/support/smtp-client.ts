import { connect, type Socket } from 'node:net';

/** A peer that speaks line by line; `say` resolves to the last line of the answer. */
export async function smtpClient(port: number, localAddress = '127.0.0.1') {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress });
  let pending = '';
  let wake: () => void = () => {};
  socket.on('data', (chunk) => {
    pending += chunk.toString();
    wake();
  });
  let closed = false;
  socket.on('close', () => {
    closed = true;
    wake();
  });
  socket.on('error', () => {});
  const answer = async (): Promise<string> => {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3} (.*)\r\n/.exec(pending);
      if (match) {
        pending = pending.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (closed) return 'closed';
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const say = (line: string) => {
    socket.write(`${line}\r\n`);
    return answer();
  };
  const greeting = await answer();
  const open = async (recipient = 'support@desk.example') => {
    await say('EHLO client.example');
    await say('MAIL FROM:<anna@customer.example>');
    return say(`RCPT TO:<${recipient}>`);
  };
  return { socket, say, answer, greeting, open };
}
