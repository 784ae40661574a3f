import type { Phone } from '#contracts/events/person-details.ts';
import { streams } from '#contracts/events/streams.ts';
import type { Role } from '#contracts/primitives.ts';
import type { PersonState } from '#packages/domain/person/state.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, Position } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { type CommandContext, commandsOf, isStale, type Outcome, outcomeOf, stepOf } from '../context.ts';
import type { CompanyCommands } from './companies.ts';
import { createHolders, isAheadWith } from './holders.ts';
import { createDirectoryMerging } from './merging.ts';
import { companyNow, readPeople, type Subject, survivorOf } from './subjects.ts';

export type PeopleDeps = {
  readonly handle: CommandHandler;
  readonly store: Pick<EventStore, 'readStream'>;
  /** Ids of the people that the read model knows by a mail address. */
  readonly knownByAddress: (address: string) => Promise<readonly string[]>;
  readonly knownByLogin: (login: string) => Promise<readonly string[]>;
  readonly companies: Pick<CompanyCommands, 'ensureCompany'>;
};

export type Origin = 'mail' | 'api' | 'cli' | 'seed';
export type NewPerson = {
  readonly name: string;
  readonly emails: readonly string[];
  readonly phones?: readonly Phone[];
  readonly roles: readonly Role[];
  readonly companyId: string | null;
  readonly origin: Origin;
};
/** Somebody the desk knows, as they are now. */
export type KnownPerson = {
  readonly personId: string;
  readonly companyId: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly position: Position;
};
type Change = Extract<
  PersonCommand,
  {
    type: 'RenamePerson' | 'ChangePersonCompany' | 'ChangePhones' | 'ChangePersonNotes' | 'ChangePersonLanguage';
  }
>;

const known = async (
  store: PeopleDeps['store'],
  { events, id, state }: Subject<PersonState>,
): Promise<KnownPerson> => ({
  personId: id,
  companyId: await companyNow(store, state.companyId),
  name: state.name,
  roles: state.roles,
  position: events.at(-1)?.position ?? 0n,
});

/** The write side of people. */
export function createPeopleCommands({ companies, handle, knownByAddress, knownByLogin, store }: PeopleDeps) {
  const run = commandsOf(handle, person);
  const read = readPeople(store);
  const decide = (id: string, command: PersonCommand, context: CommandContext) =>
    run(streams.person(id), command, context, () => undefined);

  const holders = createHolders({
    read,
    idOf: personIdOf,
    known: knownByAddress,
    taken: 'EMAIL_TAKEN',
    claim(address, personId, context) {
      const ownId = personIdOf(address);
      return decide(ownId, { type: 'ClaimAddress', data: { address, personId, ownId } }, context);
    },
    release(address, personId, context) {
      const ownId = personIdOf(address);
      return decide(ownId, { type: 'ReleaseAddress', data: { address, personId, ownId } }, context);
    },
    add: (personId, address, context) =>
      decide(personId, { type: 'ChangeEmails', data: { personId, add: [address], remove: [] } }, context),
  });

  const merging = createDirectoryMerging({
    read,
    kind: 'PERSON',
    prepare: (id, data, context) => decide(id, { type: 'PreparePersonMerge', data: { ...data, ownId: id } }, context),
    offer: (id, data, context) => decide(id, { type: 'OfferPersonMerge', data: { ...data, ownId: id } }, context),
    settle: (id, data, context) => decide(id, { type: 'SettlePersonMerge', data }, context),
    release: (id, data, context) => decide(id, { type: 'ReleasePersonMerge', data }, context),
    unmerge: (id, context) => decide(id, { type: 'UnmergePerson', data: {} }, context),
  });

  /** Who has an address; null when nobody has. Of somebody merged it is who goes on for them. */
  const findByAddress = async (address: string): Promise<KnownPerson | null> => {
    const holder = await holders.holder(address);
    if (holder === null) return null;
    const found = await survivorOf(read, holder);
    return found.exists ? known(store, found) : null;
  };

  /** Registers the person of an address where mail from it looks, or under a new id when that person has let it go. */
  const registerByAddress = async (data: NewPerson, address: string, context: CommandContext): Promise<string> => {
    const own = personIdOf(address);
    const command = registration(data);
    const done = await decide(own, command, stepOf(context, 'person'));
    const claimed = await holders.holder(address);
    const personId = claimed ?? idFrom('person', address, done.version);
    if (personId === own) return own;
    // Who claims and dies before it is registered has left nobody there: whoever comes next does that.
    await holders.withClaims([address], personId, {
      context,
      pointer: '/emails',
      act: () => decide(personId, command, stepOf(context, 'person again')),
    });
    return personId;
  };

  return {
    holders,
    merging,
    findByAddress,
    /**
     * The person of a mail address (normalised, lower case), registered inside their company when new. Who has an address is
     * settled on the stream that follows from it, so two mails racing in meet there.
     */
    async ensurePerson(
      input: { address: string; name: string | null; origin: Origin },
      context: CommandContext,
    ): Promise<KnownPerson> {
      const found = await findByAddress(input.address);
      if (found) return found;
      const companyId = await companies.ensureCompany(input.address, context);
      const name = (input.name?.trim() || input.address).slice(0, 200);
      const { address, origin } = input;
      const data = { name, emails: [address], companyId, roles: ['customer'] as const, origin };
      return known(store, await survivorOf(read, await registerByAddress(data, address, context)));
    },

    /**
     * Registers somebody with roles. The id follows from the first address, or is new for people without one. Somebody whose
     * first address is known is left as they are; rejects with EMAIL_TAKEN when a further one is somebody else's.
     */
    async registerPerson(input: NewPerson, context: CommandContext): Promise<Outcome & { personId: string }> {
      const emails = [...new Set(input.emails)];
      const [address] = emails;
      const holder = address === undefined ? null : await holders.holder(address);
      const own = address === undefined ? null : await read(personIdOf(address));
      // Read after the holder: whoever was registered there in between has the address.
      const isFree = own !== null && address !== undefined && (!own.exists || own.held.includes(address));
      const personId = holder ?? (isFree ? own.id : idFrom('person', context.commandId));
      const act = () => decide(personId, registration({ ...input, emails }), context);
      if (holder !== null && (await read(holder)).exists) return { ...outcomeOf(await act()), personId };
      const done = await holders.withClaims(emails, personId, { context, pointer: '/emails', act });
      // Somebody wrote from the address meanwhile, or it was given away.
      if (!done.state.exists)
        throw new AppError('EMAIL_TAKEN', { fields: [{ pointer: '/emails/0', detail: 'is taken' }] });
      return { ...outcomeOf(done), personId };
    },

    /** Changes one thing about a person. Rejects with UNKNOWN_PERSON and PERSON_MERGED, and as the decider does. */
    changePerson: async (personId: string, command: Change, context: CommandContext): Promise<Outcome> =>
      outcomeOf(await decide(personId, command, context)),

    /**
     * The login name of a person. Rejects with LOGIN_TAKEN (extra: the id of who has it), as far as the read model knows: it is
     * only a name to be found by, so that two who take one at the same instant may both have it.
     */
    async changeLogin(personId: string, login: string | null, context: CommandContext): Promise<Outcome> {
      const others = login === null ? [] : (await knownByLogin(login)).filter((id) => id !== personId);
      if (others.length > 0)
        throw new AppError('LOGIN_TAKEN', {
          extra: { id: others[0] },
          fields: [{ pointer: '/login', detail: 'is somebody else’s' }],
        });
      return outcomeOf(await decide(personId, { type: 'ChangeLogin', data: { login } }, context));
    },

    /** Mail addresses of a person. Rejects with EMAIL_TAKEN (extra: the id of who has it), and as the decider does. */
    async changeEmails(
      personId: string,
      change: { readonly add: readonly string[]; readonly remove: readonly string[]; readonly main?: string },
      asked: CommandContext,
    ): Promise<Outcome> {
      const context = { ...asked, indifferent: isAheadWith(change.add) };
      const command = { type: 'ChangeEmails', data: { personId, ...change } } as const;
      const act = () => decide(personId, command, context);
      const found = await read(personId);
      if (isStale(context, found.events)) return outcomeOf(await act());
      const check = () => person.decide(command, found.state);
      const outcome = await holders.withClaims(change.add, personId, { act, check, context, pointer: '/add' });
      await holders.releaseAll(change.remove, personId, context);
      return outcomeOf(outcome);
    },
  };
}

const registration = ({ emails, phones, roles, ...rest }: NewPerson) => {
  const data = { ...rest, emails: [...emails], roles: [...roles], ...(phones?.length && { phones: [...phones] }) };
  return { type: 'RegisterPerson', data } as const;
};

export type PeopleCommands = ReturnType<typeof createPeopleCommands>;
