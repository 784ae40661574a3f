import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventStream, headerNames, subjectOf } from '#contracts/bus.ts';
import type { DeskEvent } from '#contracts/events/all.ts';
import { readEnvelope, toMessage } from '#packages/message-bus/nats/message.ts';
import { createEventPublisher } from '#packages/message-bus/nats/publisher.ts';
import { startRelay } from '#services/relay/service.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';
import { log } from '#tests/support/read-models.ts';

const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
const patience = { timeout: 30_000, interval: 20 };

describe.skipIf(natsMissing())('relay', () => {
  const open = async () => {
    const desk = await openNatsDesk();
    let streams = 0;
    return {
      ...desk,
      /** So many events, twenty to a stream. */
      appendMany: async (count: number) => {
        for (let left = count; left > 0; left -= 20) {
          streams += 1;
          const events = Array.from({ length: Math.min(20, left) }, (_, n) => named(`${streams} ${n}`));
          await desk.append(`group-${streams}`, ...events);
        }
      },
      /** Positions of the messages in the stream, in its order. */
      published: async (): Promise<number[]> => {
        const client = await desk.nats.client();
        try {
          const jsm = await client.jetstreamManager();
          const { state } = await jsm.streams.info(eventStream.name);
          const positions: number[] = [];
          for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1)
            positions.push(
              Number((await jsm.streams.getMessage(eventStream.name, { seq })).header.get(headerNames.position)),
            );
          return positions;
        } finally {
          await client.close();
        }
      },
    };
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

  test('publishes each event once, in order, as a CloudEvents message', async () => {
    const { appendMany, nats, published, relay, store } = await open();
    await appendMany(150);
    const running = await relay();
    await vi.waitFor(() => expect(running.status().position).toBe(150n), patience);
    expect(await published()).toEqual(upTo(150));

    const client = await nats.client();
    onTestFinished(() => client.close());
    const message = await (await client.jetstreamManager()).streams.getMessage(eventStream.name, { seq: 2 });
    expect(message.subject).toBe('desk.group.registered');
    const id = message.header.get('ce-id');
    const { events } = await store.readAll(0n);
    const { metadata } = events.find((event) => event.id === id)!;
    // All of it, as others read it: CloudEvents 1.0 in binary mode, then what the desk and the broker need.
    expect(Object.fromEntries([...message.header].map(([name, values]) => [name, values.join('|')]))).toEqual({
      'ce-specversion': '1.0',
      'ce-id': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      'ce-source': '/deskledger',
      'ce-type': 'GroupRegistered',
      'ce-time': '2026-03-02T10:00:00.000Z',
      'ce-subject': 'group-1',
      'ce-correlationid': metadata.correlationId,
      ...(metadata.causationId !== null && { 'ce-causationid': metadata.causationId }),
      'content-type': 'application/json',
      'Desk-Position': '2',
      'Desk-Version': '2',
      'Nats-Msg-Id': id,
      'Nats-Expected-Stream': 'DESK_EVENTS',
      'Nats-Expected-Last-Sequence': '1',
    });
    expect(message.json()).toMatchObject({ data: { name: '1 1' }, metadata: { source: 'test' } });
  });

  test('text that a header cannot hold is percent-encoded, and a subject is read back as it was', async () => {
    const { appendMany, store } = await open();
    await appendMany(1);
    const [event] = (await store.readAll(0n)).events;
    const stream = 'group-ü "a" 100%\r\nx';
    const metadata = { ...event!.metadata, correlationId: 'Zürich\r\nNats-Msg-Id: forged', causationId: 'a b' };
    const { headers } = toMessage({ ...event!, stream, metadata }, 1_000);
    expect(headers.get('ce-subject')).toBe('group-%C3%BC%20%22a%22%20100%25%0D%0Ax');
    expect(headers.get('ce-correlationid')).toBe('Z%C3%BCrich%0D%0ANats-Msg-Id:%20forged');
    expect(headers.get('ce-causationid')).toBe('a%20b');
    expect(readEnvelope(headers).stream).toBe(stream);
  });

  test('killed servers and stopped relays in the middle leave neither holes nor doubles', async () => {
    const { appendMany, nats, published, relay } = await open();
    await appendMany(1_500);
    for (let round = 0; round < 3; round += 1) {
      const running = await relay();
      const before = running.status().position;
      await vi.waitFor(() => expect(running.status().position).toBeGreaterThan(before), patience);
      await nats.kill();
      await appendMany(20);
      await nats.start();
      await running.stop();
    }
    const last = await relay();
    await vi.waitFor(() => expect(last.status().position).toBe(1_560n), patience);
    expect(await published()).toEqual(upTo(1_560));
  }, 90_000);

  test('a relay whose checkpoint is lost or old goes on behind the last message, also after the duplicate window', async () => {
    const { append, connection, open: connect, pool, published, store } = await open();
    // The server takes no window below 100 ms; with this one it has forgotten every message id when the relay is back.
    const spec = { ...eventStream, duplicateWindowMs: 100 };
    const link = connect().link;
    const start = async () => {
      const running = await startRelay({ connection, pool, store, publisher: createEventPublisher(link, spec), log });
      onTestFinished(() => running.stop());
      return running;
    };
    await append('group-1', named('a'), named('b'));
    const first = await start();
    await vi.waitFor(() => expect(first.status().position).toBe(2n), patience);
    await first.stop();
    await pool.query(`update desk.followers set position = 0 where name = 'relay'`);
    await append('group-2', named('c'));
    await new Promise((done) => setTimeout(done, 500));
    const second = await start();
    await vi.waitFor(() => expect(second.status().position).toBe(3n), patience);
    expect(await published()).toEqual([1, 2, 3]);
  });

  test('of two relays one works, and the other goes on when it stops', async () => {
    const { append, published, relay } = await open();
    const first = await relay();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(first.status().position).toBe(1n), patience);
    const second = await relay();
    await append('group-2', named('b'));
    await vi.waitFor(() => expect(first.status().position).toBe(2n), patience);
    expect(second.status().position).toBe(0n);
    await first.stop();
    await append('group-3', named('c'));
    await vi.waitFor(() => expect(second.status().position).toBe(3n), patience);
    expect(await published()).toEqual([1, 2, 3]);
  });

  test('a publisher that somebody else has overtaken is refused, with all that it has under way', async () => {
    const { append, open: connect, published, store } = await open();
    await append('group-1', named('a'), named('b'), named('c'));
    const [a, b, c] = (await store.readAll(0n)).events;
    const { signal } = new AbortController();
    const [stale, rightful] = [await connect().publisher.begin(signal), await connect().publisher.begin(signal)];
    await rightful.publish(a!);
    await rightful.publish(b!);
    const outcomes = await Promise.allSettled([stale.publish(c!), stale.publish(c!)]);
    // The first message of a new stream follows sequence 0, which the server takes for "any": it got in.
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
    expect((await published()).slice(0, 2)).toEqual([1, 2]);
  });

  test('a stream that has all the messages it may have holds the relay up and loses nothing', async () => {
    const { append, nats, published, relay } = await open();
    const running = await relay();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(running.status().position).toBe(1n), patience);
    const client = await nats.client();
    onTestFinished(() => client.close());
    const jsm = await client.jetstreamManager();
    await jsm.streams.update(eventStream.name, { max_msgs: 2 });
    await append('group-2', named('b'), named('c'), named('d'));
    await vi.waitFor(async () => expect(await published()).toEqual([1, 2]), patience);
    await jsm.streams.update(eventStream.name, { max_msgs: -1 });
    await vi.waitFor(() => expect(running.status().position).toBe(4n), patience);
    expect(await published()).toEqual([1, 2, 3, 4]);
  });

  test('a new stream gets the whole log', async () => {
    const { append, nats, published, relay } = await open();
    await append('group-1', named('a'), named('b'));
    const first = await relay();
    await vi.waitFor(() => expect(first.status().position).toBe(2n), patience);
    await first.stop();
    const client = await nats.client();
    await (await client.jetstreamManager()).streams.delete(eventStream.name);
    await client.close();
    await append('group-2', named('c'));
    const second = await relay();
    await vi.waitFor(() => expect(second.status().position).toBe(3n), patience);
    expect(await published()).toEqual([1, 2, 3]);
  });
});

test('every event type has a subject of its own', async () => {
  const { eventSchemas } = await import('#contracts/events/all.ts');
  const types = Object.keys(eventSchemas) as (keyof typeof eventSchemas)[];
  const subjects = types.map(subjectOf);
  expect(new Set(subjects).size).toBe(types.length);
  for (const subject of subjects) expect(subject).toMatch(/^desk\.[a-z-]+\.[a-z-]+$/);
  expect(subjectOf('TicketSlaBreached')).toBe('desk.ticket.sla-breached');
  expect(subjectOf('TicketCreated')).toBe('desk.ticket.created');
});
