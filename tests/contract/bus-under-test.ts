import { onTestFinished } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';
import type { DeadLetters } from '#packages/message-bus/dead-letters.ts';
import type { ConsumerSpec, Handler, MessageBus } from '#packages/message-bus/port.ts';

/** A bus over a log of its own; every instance of the bus stands for one process. */
export type BusUnderTest = {
  connect(): MessageBus;
  append(stream: string, ...events: readonly DeskEvent[]): Promise<void>;
  deadLetters: DeadLetters;
  /** Moves the place that is stored for a consumer, as an operator may in the database. */
  setPlace(consumer: string, position: bigint): Promise<void>;
  /** Leaves things as a process does that served a consumer and ended without a word. */
  vanish(consumer: string): Promise<void>;
};

export const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
export const nameOf = (event: StoredEvent) => (event.type === 'GroupRegistered' ? event.data.name : event.type);
export const aGroup = () => `group-${newId()}`;
export const patience = { timeout: 10_000, interval: 10 };

export const consume = async (bus: MessageBus, handler: Handler, spec: Partial<ConsumerSpec> = {}) => {
  const consumption = await bus.consume({ name: 'clerk', types: ['GroupRegistered'], ...spec }, handler);
  onTestFinished(() => consumption.stop());
  return consumption;
};

/** A handler that keeps the names of what it has handled. */
export const recorder = () => {
  const seen: string[] = [];
  return { seen, handler: async (event: StoredEvent) => void seen.push(nameOf(event)) };
};
