import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '#services/desk/demo/client.ts';

/** A desk that gives these answers in turn, and the last one from then on. */
async function clientOfDesk(...answers: { status: number; body: unknown }[]) {
  const server = createServer((_, response) => {
    const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500, body: null };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return createClient({ url: `http://127.0.0.1:${port}`, token: 'desk_x', signal: new AbortController().signal });
}
const routed = ({ agent }: { agent?: string }) => agent;

test('the demo waits for a ticket that another read model shows already', async () => {
  const client = await clientOfDesk(
    { status: 404, body: { code: 'TICKET_NOT_FOUND' } },
    { status: 200, body: {} },
    { status: 200, body: { agent: 'Ben' } },
  );
  expect(await client.until('the ticket is routed', '/v1/tickets/1', routed)).toBe('Ben');
});

test('the demo does not wait out an answer that is an error, nor ask twice where it does not wait', async () => {
  const refused = await clientOfDesk({ status: 403, body: { code: 'FORBIDDEN' } });
  await expect(refused.until('the ticket is routed', '/v1/tickets/1', routed)).rejects.toThrow(/403.*FORBIDDEN/);
  const missing = await clientOfDesk({ status: 404, body: { code: 'TICKET_NOT_FOUND' } }, { status: 200, body: {} });
  await expect(missing.get('/v1/tickets/1')).rejects.toThrow(/404.*TICKET_NOT_FOUND/);
});
