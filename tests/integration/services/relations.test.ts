import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTicket } from '#packages/commands/relations/related-tickets.ts';
import { createRelationCommands, type RelationCommands } from '#packages/commands/relations/relations.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { newId } from '#packages/kernel/ids.ts';
import { startRelations } from '#services/relations/service.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';
import { until } from '#tests/support/mail-desk.ts';
import { log } from '#tests/support/read-models.ts';
import { customerSays, message } from '#tests/support/tickets.ts';

let desk: TestDesk;
let anna: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  anna = await desk.person('customer', 'anna');
});
afterAll(() => desk?.stop());

const killed = new Error('killed');

/** Relations whose process dies right before its n-th write. */
function dyingBefore(write: number): RelationCommands {
  const { commands, store } = desk.platform;
  let writes = 0;
  const orDie = <A extends unknown[], R>(act: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      writes += 1;
      if (writes >= write) throw killed;
      return act(...args);
    };
  };
  const tickets = { change: orDie(commands.tickets.change), open: orDie(commands.tickets.open) };
  return createRelationCommands({
    store,
    tickets,
    numbers: { next: async () => 900_000 + Math.floor(Math.random() * 90_000) },
  });
}

const create = async (requesterId = anna.id): Promise<string> => {
  const input = { subject: 'Printer', channel: 'api', requesterId, companyId: null, mailboxId: null } as const;
  const told = { priority: 'normal', followUpOf: null, message: message() } as const;
  return (await desk.platform.commands.tickets.create({ ...input, ...told }, testContext())).ticketId;
};
const comment = async (ticketId: string): Promise<string> => {
  const { commentId: _, ...said } = customerSays({ authorId: anna.id }).data;
  return (await desk.platform.commands.tickets.comment(ticketId, said, testContext())).commentId;
};
const stateOf = async (id: string): Promise<Ticket | null> =>
  (await readTicket(desk.platform.store, id))?.state ?? null;

/** Runs the service until it has seen everything that is in the log. */
async function recover(): Promise<void> {
  const { bus, commands, store } = desk.platform;
  const service = await startRelations({ bus, relations: commands.relations, directory: commands.directory, log });
  await until('relations at rest', async () => (service.status().position ?? 0n) >= (await store.head()));
  await service.stop();
}

type Scene = { readonly a: string; readonly b: string; readonly said: string };
const scene = async (): Promise<Scene> => {
  const [a, b] = [await create(), await create()];
  return { a, b, said: await comment(a) };
};

/** What was asked for has happened as a whole or not at all; throws when it is something between. */
const outcomes: Record<string, (scene: Scene, commandId: string) => Promise<'done' | 'nothing'>> = {
  async merge({ a, b }) {
    const [one, other] = [await stateOf(a), await stateOf(b)];
    const held = other?.relations.absorbed.map(({ ticketId }) => ticketId);
    const merged = one?.setAside?.kind === 'merged' && one.setAside.into === b;
    expect(held).toEqual(merged ? [a] : []);
    return merged ? 'done' : 'nothing';
  },
  async setParent({ a, b }) {
    const [child, parent] = [await stateOf(a), await stateOf(b)];
    const bound = child?.relations.parent?.ticketId === b;
    expect(parent?.relations.children.map(({ ticketId }) => ticketId)).toEqual(bound ? [a] : []);
    return bound ? 'done' : 'nothing';
  },
  async move({ a, b, said }) {
    const [from, to] = [(await stateOf(a))?.commentIds ?? [], (await stateOf(b))?.commentIds ?? []];
    expect(from.includes(said)).toBe(!to.includes(said));
    return to.includes(said) ? 'done' : 'nothing';
  },
};
const acts: Record<string, (relations: RelationCommands, scene: Scene, commandId: string) => Promise<unknown>> = {
  merge: (relations, { a, b }, commandId) => relations.merge(a, b, testContext(commandId)),
  setParent: (relations, { a, b }, commandId) => relations.setParent(a, b, testContext(commandId)),
  move: (relations, { a, b, said }, commandId) => relations.move(a, said, b, testContext(commandId)),
};

describe.each(Object.keys(acts))('%s, broken off', (name) => {
  // Write 1 asks, which leaves nothing behind; each later one is a step on one of the two tickets.
  it.each([1, 2, 3])('before write %i, is brought to its end, and may be asked for again', async (write) => {
    const place = await scene();
    const commandId = newId();
    await expect(acts[name]!(dyingBefore(write), place, commandId)).rejects.toBe(killed);
    await recover();
    const after = await outcomes[name]!(place, commandId);
    expect(after).toBe(write < 3 ? 'nothing' : 'done');
    await acts[name]!(desk.platform.commands.relations, place, commandId);
    expect(await outcomes[name]!(place, commandId)).toBe('done');
  });
});

it.each([2, 3, 4])(
  'unmerging, broken off before write %i, takes home what the customer wrote meanwhile',
  async (write) => {
    const { relations } = desk.platform.commands;
    const [a, b] = [await create(), await create(newId())];
    await relations.merge(a, b, testContext());
    const said = await comment(b);
    await expect(dyingBefore(write).unmerge(a, testContext())).rejects.toBe(killed);
    await recover();
    const [home, survivor] = [await stateOf(a), await stateOf(b)];
    expect(home).toMatchObject({ setAside: null, commentIds: [expect.any(String), said] });
    expect(survivor?.commentIds).not.toContain(said);
    expect(survivor?.relations.absorbed).toEqual([]);
  },
);

describe.each(['merge', 'setParent'] as const)('%s, brought to its end by the service', (name) => {
  it('is answered when it is asked again with the version of before, and to no other ticket', async () => {
    const { a, b } = await scene();
    const relations = desk.platform.commands.relations;
    const context = { ...testContext(newId()), expectedVersion: (await stateOf(a))?.length ?? 0 };
    await expect(dyingBefore(3)[name](a, b, context)).rejects.toBe(killed);
    await recover();
    const { length } = (await stateOf(a))!;
    expect(length).toBeGreaterThan(context.expectedVersion);
    expect(await relations[name](a, b, context)).toMatchObject({ version: length });
    const third = await create();
    await expect(relations[name](a, third, context)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await stateOf(third))?.length).toBe(1);
  });
});

describe('what else may be broken off', () => {
  it('an unmerge: the survivor lets go', async () => {
    const { a, b } = await scene();
    await desk.platform.commands.relations.merge(a, b, testContext());
    await expect(dyingBefore(2).unmerge(a, testContext())).rejects.toBe(killed);
    expect((await stateOf(b))?.relations.absorbed).toHaveLength(1);
    await recover();
    expect((await stateOf(b))?.relations.absorbed).toEqual([]);
  });

  it('a split: the new ticket comes about', async () => {
    const { a, said } = await scene();
    await expect(dyingBefore(2).split(a, said, 'Phone', testContext())).rejects.toBe(killed);
    await recover();
    const events = await desk.platform.store.readAll(0n, { types: ['TicketCreated'], limit: 1_000 });
    const split = events.events.flatMap(({ data, type }) => (type === 'TicketCreated' && data.splitFrom ? [data] : []));
    expect(split).toMatchObject([{ subject: 'Phone', commentId: said, splitFrom: { ticketId: a } }]);
  });

  it('merges that cross: one is declined and taken back, whoever looks first', async () => {
    const { a, b } = await scene();
    // Both die after their offer and before they have looked.
    await expect(dyingBefore(3).merge(a, b, testContext())).rejects.toBe(killed);
    await expect(dyingBefore(3).merge(b, a, testContext())).rejects.toBe(killed);
    await recover();
    const [one, other] = [await stateOf(a), await stateOf(b)];
    expect([one, other].filter((state) => state?.setAside !== null).length).toBeLessThan(2);
    expect(one?.relations.absorbed).toEqual(other?.setAside ? [expect.objectContaining({ ticketId: b })] : []);
    expect(other?.relations.absorbed).toEqual(one?.setAside ? [expect.objectContaining({ ticketId: a })] : []);
  });

  it('a merge into a ticket that was marked as spam meanwhile still ends', async () => {
    const { a, b } = await scene();
    await expect(dyingBefore(3).merge(a, b, testContext())).rejects.toBe(killed);
    const spam = { type: 'MarkSpam', data: { reason: null } } as const;
    await desk.platform.commands.tickets.change(a, spam, testContext());
    await recover();
    expect((await stateOf(a))?.setAside).toEqual({ kind: 'spam' });
    expect((await stateOf(b))?.relations.absorbed).toEqual([]);
  });
});
