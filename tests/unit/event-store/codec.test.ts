import { describe, expect, test } from 'vitest';
import { type EventType, eventSchemas } from '#contracts/events/all.ts';
import { codec, createCodec, rawCodec, schemaOf } from '#packages/event-store/codec.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Upcasters } from '#packages/event-store/upcasters.ts';
import { note } from '#tests/support/log-events.ts';

/** The data of one test-only type went through three shapes. */
const table: Upcasters = {
  TicketPriorityChanged: [
    (data) => ({ ...(data as object), second: true }),
    (data) => ({ ...(data as object), third: true }),
  ],
};

const stored = (type: string, schema: number): StoredEvent => {
  const { metadata, ...event } = note();
  const changes = {
    type,
    data: { first: true },
    metadata: { ...metadata, schema },
    stream: 's',
    version: 1,
    position: 1n,
  };
  return { ...event, ...changes } as unknown as StoredEvent;
};

describe('a codec with upcasters', () => {
  const lifting = createCodec(table);

  test.each([
    { schema: 1, data: { first: true, second: true, third: true } },
    { schema: 2, data: { first: true, third: true } },
    { schema: 3, data: { first: true } },
  ])('lifts shape $schema to the newest', ({ schema, data }) => {
    const event = stored('TicketPriorityChanged', schema);
    expect(lifting.decode(event)).toEqual({ ...event, data, metadata: { ...event.metadata, schema: 3 } });
  });

  test('leaves what it was given as it is', () => {
    const event = stored('TicketPriorityChanged', 1);
    lifting.decode(event);
    expect(event).toMatchObject({ data: { first: true }, metadata: { schema: 1 } });
  });

  test.each([
    { what: 'a type without upcasters', event: stored('TicketCommented', 1) },
    { what: 'an unknown type', event: stored('TicketTeleported', 4) },
    { what: 'a shape newer than it knows', event: stored('TicketPriorityChanged', 4) },
  ])('passes $what', ({ event }) => {
    expect(lifting.decode(event)).toBe(event);
  });

  test('says which shape writers stamp', () => {
    expect(schemaOf('TicketPriorityChanged', table)).toBe(3);
    expect(schemaOf('TicketCommented', table)).toBe(1);
  });
});

test('the raw codec passes everything', () => {
  const event = stored('TicketPriorityChanged', 1);
  expect(rawCodec.decode(event)).toBe(event);
});

test('what the desk writes it reads unchanged', () => {
  for (const type of Object.keys(eventSchemas) as EventType[]) {
    const event = stored(type, schemaOf(type));
    expect(codec.decode(event).data).toEqual(event.data);
  }
});
