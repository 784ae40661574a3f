import type { DeskEvent } from '#contracts/events/all.ts';
import { streams } from '#contracts/events/streams.ts';
import { type CompanyCommand, company } from '#packages/domain/company/company.ts';
import { type Decider, fold } from '#packages/domain/decider.ts';
import type { Merging } from '#packages/domain/directory/merging.ts';
import { phoneOf } from '#packages/domain/person/phone.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { checkOutcome } from './outcome-check.ts';
import { createStory } from './story.ts';

/** One thing that happens among people and companies; numbers choose among what there is. */
export type DirectoryStep = {
  readonly action: 'change' | 'merge' | 'decline' | 'unmerge' | 'ticket';
  readonly kind: 'person' | 'company';
  readonly who: number;
  readonly other: number;
  readonly pick: number;
};

const at = '2026-03-02T08:00:00.000Z';
const idOfNumber = (kind: DirectoryStep['kind'], who: number): string => idFrom('directory history', kind, who);
const pickOf = <T>(from: readonly T[], pick: number): T => from[pick % from.length] as T;

/** The log of people and companies that change, are merged and are not any more, as far as deciders let them. */
export function directoryHistory(steps: readonly DirectoryStep[]): readonly StoredEvent[] {
  const story = createStory();
  const eventsOf = (stream: string) => story.log.filter((event) => event.stream === stream);

  const play = <State, Command, Event extends DeskEvent>(
    stream: string,
    decider: Decider<State, Command, Event, void>,
    command: Command,
  ): void => {
    const events = decider.decide(command, fold(decider, eventsOf(stream)), undefined);
    checkOutcome(command, events);
    for (const event of events) story.add(stream, event, { at });
  };
  const mergingOf = ({ kind }: DirectoryStep, id: string): Merging =>
    kind === 'person'
      ? fold(person, eventsOf(streams.person(id))).merging
      : fold(company, eventsOf(streams.company(id))).merging;

  /** True when somebody is merged, or just being merged, into another one by way of others. */
  const leadsTo = (step: DirectoryStep, from: string, to: string, seen = new Set<string>()): boolean =>
    !seen.has(from) &&
    mergingOf(step, from).absorbed.some(({ from: below }) => below === to || leadsTo(step, below, to, seen.add(from)));

  const merge = (step: DirectoryStep, id: string, into: string): void => {
    const mergeId = idFrom('directory history merge', story.log.length);
    const refusal = step.action === 'decline' || leadsTo(step, id, into) ? ('cycle' as const) : null;
    if (step.kind === 'person') {
      const [own, other] = [streams.person(id), streams.person(into)];
      play(own, person, { type: 'PreparePersonMerge', data: { mergeId, into, ownId: id } });
      play(other, person, { type: 'OfferPersonMerge', data: { mergeId, from: id, ownId: into } });
      play(own, person, { type: 'SettlePersonMerge', data: { mergeId, into, refusal } });
      if (refusal) play(other, person, { type: 'ReleasePersonMerge', data: { mergeId, reason: 'declined' } });
    } else {
      const [own, other] = [streams.company(id), streams.company(into)];
      play(own, company, { type: 'PrepareCompanyMerge', data: { mergeId, into, ownId: id } });
      play(other, company, { type: 'OfferCompanyMerge', data: { mergeId, from: id, ownId: into } });
      play(own, company, { type: 'SettleCompanyMerge', data: { mergeId, into, refusal } });
      if (refusal) play(other, company, { type: 'ReleaseCompanyMerge', data: { mergeId, reason: 'declined' } });
    }
  };

  const unmerge = (step: DirectoryStep, id: string): void => {
    const merged = mergingOf(step, id).mergedInto;
    const release = { mergeId: merged?.mergeId ?? '', reason: 'unmerged' } as const;
    if (step.kind === 'person') {
      play(streams.person(id), person, { type: 'UnmergePerson', data: {} });
      if (merged) play(streams.person(merged.into), person, { type: 'ReleasePersonMerge', data: release });
    } else {
      play(streams.company(id), company, { type: 'UnmergeCompany', data: {} });
      if (merged) play(streams.company(merged.into), company, { type: 'ReleaseCompanyMerge', data: release });
    }
  };

  for (const step of steps) {
    const { action, kind, other, pick, who } = step;
    const id = idOfNumber(kind, who);
    try {
      if (action === 'merge' || action === 'decline') merge(step, id, idOfNumber(kind, other));
      else if (action === 'unmerge') unmerge(step, id);
      else if (action === 'ticket') {
        const number = 1001 + story.log.length;
        const requesterId = idOfNumber('person', who);
        story.ticket(idFrom('history ticket', number), {
          number,
          requesterId,
          companyId: idOfNumber('company', other),
        });
      } else if (kind === 'person') play(streams.person(id), person, personChange(id, pick));
      else play(streams.company(id), company, companyChange(id, pick));
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
  return story.log;
}

function personChange(personId: string, pick: number): PersonCommand {
  const email = `p${pick % 5}@history.example`;
  const phone = phoneOf(`0800 100${pick % 4}`, '');
  const registered = { name: `P${pick}`, emails: [email], phones: [phone], companyId: null, origin: 'api' as const };
  const commands: readonly PersonCommand[] = [
    { type: 'RegisterPerson', data: { ...registered, roles: ['customer'] } },
    { type: 'RenamePerson', data: { name: `Renamed ${pick}` } },
    { type: 'ChangeEmails', data: { personId, add: [email], remove: [`p${(pick + 2) % 5}@history.example`] } },
    { type: 'ChangePhones', data: { add: [phone], remove: [`0800100${(pick + 1) % 4}`] } },
    { type: 'ChangePersonNotes', data: { notes: `Note ${pick}` } },
    { type: 'ChangeLogin', data: { login: `p${pick}` } },
    { type: 'ChangePersonCompany', data: { companyId: idOfNumber('company', pick % 3) } },
    { type: 'ChangeRoles', data: { roles: pick % 3 ? ['customer'] : ['customer', 'agent'] } },
    { type: 'ClaimAddress', data: { address: email, personId: idOfNumber('person', pick % 3), ownId: personId } },
  ];
  return pickOf(commands, pick >> 2);
}

function companyChange(companyId: string, pick: number): CompanyCommand {
  const domain = `c${pick % 5}.example`;
  const commands: readonly CompanyCommand[] = [
    { type: 'RegisterCompany', data: { name: `C${pick}`, domains: [domain] } },
    { type: 'RenameCompany', data: { name: `Renamed ${pick}` } },
    { type: 'ChangeDomains', data: { companyId, add: [domain], remove: [`c${(pick + 2) % 5}.example`] } },
    { type: 'ChangeTariff', data: { tariff: pick % 2 ? 'gold' : null } },
    { type: 'ChangeCompanyNotes', data: { notes: `Note ${pick}` } },
  ];
  return pickOf(commands, pick >> 2);
}
