import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf } from '#packages/commands/context.ts';
import { completeInDirectory } from '#packages/commands/directory/half-done.ts';
import { readCompanies, readPeople } from '#packages/commands/directory/subjects.ts';
import { createDirectoryCommands, type DirectoryCommands } from '#packages/commands/directory.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { newId } from '#packages/kernel/ids.ts';
import { createKnownNames } from '#packages/read-db/known-names.ts';
import { startRelations } from '#services/relations/service.ts';
import { startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';
import { until } from '#tests/support/mail-desk.ts';
import { log } from '#tests/support/read-models.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(() => desk?.stop());

const killed = new Error('killed');

/** Commands whose process dies right before its n-th write. */
function dyingBefore(write: number): DirectoryCommands {
  const { directoryFacts: directory, handle: carryOut, readDb, store } = desk.platform;
  let writes = 0;
  const handle: CommandHandler = async (request) => {
    writes += 1;
    if (writes >= write) throw killed;
    return carryOut(request);
  };
  return createDirectoryCommands({ handle, directory, store, known: createKnownNames(readDb) });
}

/** Commands beside which the service is so quick that it has handled each event before they take their next step. */
function overtaken(): DirectoryCommands {
  const { directoryFacts: directory, handle: carryOut, readDb, store } = desk.platform;
  const handle: CommandHandler = async (request) => {
    const done = await carryOut(request);
    for (const event of await store.readStream(request.stream, { fromVersion: done.version - done.events.length + 1 }))
      await completeInDirectory(alive(), event, contextOf('relations', event));
    return done;
  };
  return createDirectoryCommands({ handle, directory, store, known: createKnownNames(readDb) });
}

/** Runs the service until it has seen everything that is in the log. */
async function recover(): Promise<void> {
  const { bus, commands, store } = desk.platform;
  const service = await startRelations({ bus, relations: commands.relations, directory: commands.directory, log });
  await until('relations at rest', async () => (service.status().position ?? 0n) >= (await store.head()));
  await service.stop();
}

const alive = () => desk.platform.commands.directory;
const ensure = async (address: string): Promise<string> =>
  (await alive().ensurePerson({ address, name: null, origin: 'mail' }, testContext())).personId;
const register = async (domain: string): Promise<string> => {
  const company = { name: domain, domains: [domain], tariff: null, notes: null };
  return (await alive().companies.registerCompany(company, testContext())).companyId;
};
const person = (id: string) => readPeople(desk.platform.store)(id);
const company = (id: string) => readCompanies(desk.platform.store)(id);
const holderOf = async (address: string) => (await alive().findByAddress(address))?.personId ?? null;

describe('what was broken off among people is brought to its end', () => {
  it('an address that was claimed is added, once', async () => {
    const id = await ensure('ada@a.example');
    const commandId = newId();
    const change = { add: ['ada@b.example'], remove: [] };
    await expect(dyingBefore(2).people.changeEmails(id, change, testContext(commandId))).rejects.toBe(killed);
    expect([await holderOf('ada@b.example'), (await person(id)).held]).toEqual([id, ['ada@a.example']]);
    await recover();
    expect((await person(id)).held).toEqual(['ada@a.example', 'ada@b.example']);
    await alive().people.changeEmails(id, change, testContext(commandId));
    await alive().people.changeEmails(id, { add: [], remove: ['ada@b.example'] }, testContext());
    await recover();
    expect([await holderOf('ada@b.example'), (await person(id)).held]).toEqual([null, ['ada@a.example']]);
  });

  it('an address that was removed is nobody’s', async () => {
    const id = await ensure('bob@a.example');
    await alive().people.changeEmails(id, { add: ['bob@b.example'], remove: [] }, testContext());
    const change = { add: [], remove: ['bob@b.example'] };
    await expect(dyingBefore(2).people.changeEmails(id, change, testContext())).rejects.toBe(killed);
    expect(await holderOf('bob@b.example')).toBe(id);
    await recover();
    expect(await holderOf('bob@b.example')).toBeNull();
  });

  it('a claim of somebody who was merged meanwhile is let go', async () => {
    const [id, into] = [await ensure('cleo@a.example'), await ensure('cleo@c.example')];
    const change = { add: ['cleo@b.example'], remove: [] };
    await expect(dyingBefore(2).people.changeEmails(id, change, testContext())).rejects.toBe(killed);
    await alive().people.merging.merge(id, into, testContext());
    await recover();
    expect([await holderOf('cleo@b.example'), (await person(id)).held]).toEqual([null, ['cleo@a.example']]);
  });

  it('a merge that was offered is settled, and one that was taken back lets go', async () => {
    const [id, into] = [await ensure('dora@a.example'), await ensure('dora@b.example')];
    const commandId = newId();
    await expect(dyingBefore(3).people.merging.merge(id, into, testContext(commandId))).rejects.toBe(killed);
    expect([(await person(id)).merging.mergedInto, (await person(into)).merging.absorbed.length]).toEqual([null, 1]);
    await recover();
    expect((await person(id)).merging.mergedInto).toMatchObject({ into });
    await alive().people.merging.merge(id, into, testContext(commandId));
    await expect(dyingBefore(2).people.merging.unmerge(id, testContext())).rejects.toBe(killed);
    expect((await person(into)).merging.absorbed).toHaveLength(1);
    await recover();
    expect([(await person(id)).merging.mergedInto, (await person(into)).merging.absorbed]).toEqual([null, []]);
  });

  it('of merges that cross at least one is declined, whoever looks first', async () => {
    const [a, b] = [await ensure('eve@a.example'), await ensure('eve@b.example')];
    // Both die after their offer and before they have looked.
    await expect(dyingBefore(3).people.merging.merge(a, b, testContext())).rejects.toBe(killed);
    await expect(dyingBefore(3).people.merging.merge(b, a, testContext())).rejects.toBe(killed);
    await recover();
    const both = [await person(a), await person(b)];
    expect(both.filter(({ merging }) => merging.mergedInto).length).toBeLessThan(2);
    for (const [one, other] of [both, both.toReversed()])
      expect(one?.merging.absorbed.map(({ from }) => from)).toEqual(other?.merging.mergedInto ? [other.id] : []);
  });
});

describe('a command that the service overtakes', () => {
  const at = (expectedVersion: number) => ({ ...testContext(), expectedVersion });

  it('adds all addresses to the version that was seen, and again when it is repeated', async () => {
    const id = await ensure('hugo@a.example');
    const add = ['hugo@b.example', 'hugo@c.example', 'hugo@d.example'];
    const context = at(1);
    for (const _ of ['once', 'again'])
      await overtaken().people.changeEmails(id, { add, remove: [], main: 'hugo@c.example' }, context);
    const [main, ...others] = (await person(id)).held;
    expect([main, others.toSorted()]).toEqual([
      'hugo@c.example',
      ['hugo@a.example', 'hugo@b.example', 'hugo@d.example'],
    ]);
    const other = { add: ['hugo@e.example'], remove: [] };
    await expect(overtaken().people.changeEmails(id, other, at(1))).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    expect(await holderOf('hugo@e.example')).toBeNull();
  });

  it('adds all domains to the version that was seen', async () => {
    const id = await register('hugo.example');
    const add = ['hugo.test', 'hugo.org'];
    await overtaken().companies.changeDomains(id, { add, remove: [] }, at(1));
    expect((await company(id)).held.toSorted()).toEqual(['hugo.example', 'hugo.org', 'hugo.test']);
  });

  it('merges, and takes it back', async () => {
    const [id, into] = [await ensure('iris@a.example'), await ensure('iris@b.example')];
    const merged = await overtaken().people.merging.merge(id, into, at(1));
    expect((await person(id)).merging.mergedInto).toMatchObject({ into });
    await overtaken().people.merging.unmerge(id, at(merged.version));
    expect([(await person(id)).merging.mergedInto, (await person(into)).merging.absorbed]).toEqual([null, []]);
  });
});

describe('what was broken off among companies is brought to its end', () => {
  it('domains are added and let go', async () => {
    const id = await register('frank.example');
    const add = { add: ['frank.test'], remove: [] };
    await expect(dyingBefore(2).companies.changeDomains(id, add, testContext())).rejects.toBe(killed);
    await recover();
    expect((await company(id)).held).toEqual(['frank.example', 'frank.test']);
    const remove = { add: [], remove: ['frank.test'] };
    await expect(dyingBefore(2).companies.changeDomains(id, remove, testContext())).rejects.toBe(killed);
    await recover();
    expect(await alive().companies.holders.holder('frank.test')).toBeNull();
  });

  it('a company that was not registered behind its claim is registered by the next mail from there', async () => {
    const both = { name: 'Half', domains: ['half.test', 'half.example'], tariff: null, notes: null };
    await expect(dyingBefore(2).companies.registerCompany(both, testContext())).rejects.toBe(killed);
    await recover();
    const id = await alive().ensureCompany('ann@half.example', testContext());
    expect(await company(id ?? '')).toMatchObject({ exists: true, held: ['half.example'] });
    expect(await alive().ensureCompany('ben@half.example', testContext())).toBe(id);
  });

  it('merges are settled and let go', async () => {
    const [id, into] = [await register('gina.example'), await register('gina.test')];
    await expect(dyingBefore(3).companies.merging.merge(id, into, testContext())).rejects.toBe(killed);
    await recover();
    expect((await company(id)).merging.mergedInto).toMatchObject({ into });
    await expect(dyingBefore(2).companies.merging.unmerge(id, testContext())).rejects.toBe(killed);
    await recover();
    expect([(await company(id)).merging.mergedInto, (await company(into)).merging.absorbed]).toEqual([null, []]);
  });
});
