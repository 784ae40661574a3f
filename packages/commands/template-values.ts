import { streams } from '#contracts/events/streams.ts';
import { fold } from '#packages/domain/decider.ts';
import { group } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { reachOf } from './directory/reach.ts';
import { readCompanies, readPeople, survivorOf } from './directory/subjects.ts';

/** Value of a variable by its name; '' where there is none. */
export type TemplateValues = (name: string) => string;

/** What the variables of templates stand for on a ticket, read from the log; `agentId` is who uses the template. */
export async function templateValues(store: EventStore, ticket: Ticket, agentId: string): Promise<TemplateValues> {
  const personOf = async (id: string) => fold(person, await store.readStream(streams.person(id)));
  const nameOf = async (id: string | null, read: (id: string) => Promise<string>) => (id === null ? '' : read(id));
  const [requester, agent, companyName, groupName, { addresses }] = await Promise.all([
    survivorOf(readPeople(store), ticket.requesterId),
    personOf(agentId),
    nameOf(ticket.companyId, async (id) => (await survivorOf(readCompanies(store), id)).state.name),
    nameOf(ticket.groupId, async (id) => fold(group, await store.readStream(streams.group(id))).name),
    reachOf(readPeople(store), ticket.requesterId),
  ]);
  const values = new Map<string, string>([
    ['ticket.number', String(ticket.number)],
    ['ticket.subject', ticket.subject],
    ['ticket.status', ticket.status],
    ['ticket.priority', ticket.priority],
    // Somebody who is known by an address only is named by it: no name to greet them with.
    ['requester.name', requester.held.includes(requester.state.name) ? '' : requester.state.name],
    ['requester.email', addresses[0] ?? ''],
    ['agent.name', agent.name],
    ['agent.email', agent.emails[0] ?? ''],
    ['company.name', companyName],
    ['group.name', groupName],
    ...Object.entries(ticket.attributes.fields).map(([id, { value }]): [string, string] => [
      `field.${id}`,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  ]);
  return (name) => values.get(name) ?? '';
}
