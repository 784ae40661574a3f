import { expect, it, onTestFinished, vi } from 'vitest';
import { deadLetterSubject, eventStream, headerNames } from '#contracts/bus.ts';
import { deskHome } from '#tests/support/desk-process.ts';
import { natsMissing, startNats } from '#tests/support/nats.ts';

const patience = { timeout: 60_000, interval: 200 };

it.skipIf(natsMissing())(
  'dead letters of a running desk on NATS: seen in list, metrics and readiness, replayed by command',
  async () => {
    const nats = await startNats();
    onTestFinished(() => nats.stop());
    const home = await deskHome({ NATS_URL: nats.url });
    onTestFinished(() => home.remove());
    const { url } = await home.up();
    const client = await nats.client();
    onTestFinished(() => client.close());
    const jsm = await client.jetstreamManager();

    // As routing would have left it: an event of the log with what went wrong.
    const original = await vi.waitFor(
      () => jsm.streams.getMessage(eventStream.name, { last_by_subj: 'desk.setting.saved' }),
      patience,
    );
    const { header: headers } = original;
    const eventId = headers.get(headerNames.id);
    headers.delete(headerNames.messageId);
    headers.delete(headerNames.expectedSequence);
    headers.delete(headerNames.expectedStream);
    headers.set(headerNames.error, 'Error: broken then');
    headers.set(headerNames.attempts, '8');
    await client.jetstream().publish(deadLetterSubject('routing', eventId), original.data, { headers });

    const list = async () => {
      const { code, stdout } = await home.run(['dead-letters', 'list', '--consumer', 'routing']);
      expect(code).toBe(0);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object);
    };
    expect(await list()).toMatchObject([{ consumer: 'routing', eventId, error: 'Error: broken then', attempts: 8 }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^desk_dead_letters\{consumer="routing"\} 1$/m);
    expect(metrics).toMatch(/^desk_bus_connected 1$/m);
    expect(metrics).toMatch(/^desk_consumer_ack_pending\{consumer="notification"\} 0$/m);
    expect(metrics).toMatch(/^desk_relay_lag \d+$/m);

    const unknown = await home.run(['dead-letters', 'replay', 'routing', '00000000-0000-4000-8000-000000000000']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('routing has no dead letter 00000000-0000-4000-8000-000000000000');
    const replayed = await home.run(['dead-letters', 'replay', 'routing', eventId]);
    expect(replayed).toMatchObject({ code: 0, stdout: `routing will try ${eventId} again\n` });
    await vi.waitFor(async () => expect(await list()).toEqual([]), patience);

    await nats.kill();
    const ready = await vi.waitFor(async () => {
      const answer = await fetch(`${url}/readyz`);
      const body = (await answer.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
      const line = body.checks.find(({ name }) => name === 'message bus');
      expect(line?.detail).toContain('not connected');
      return answer.status;
    }, patience);
    // Tickets are taken all the same.
    expect(ready).toBe(200);
  },
  180_000,
);
