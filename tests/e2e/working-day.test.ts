import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { deskHome } from '#tests/support/desk-process.ts';
import { startEventStoreDb } from '#tests/support/eventstoredb-server.ts';

const script = fileURLToPath(new URL('../../docs/working-day.sh', import.meta.url));

/** Of what the ticket goes through, what its replay has to show. */
const told = [
  ...['TicketCreated', 'TicketAssigned', 'TicketAbsorbed', 'TicketReleased', 'TicketChildAdded', 'TicketLinked'],
  ...['TicketCommentEdited', 'TicketCommentRedacted', 'TicketCommentMovedOut', 'TicketArticleAttached'],
  ...['TicketMacroApplied', 'TicketTagsChanged', 'TicketPriorityChanged', 'TicketWorkLogged', 'TicketRated'],
] as const;

/** Variables of a desk whose log is there. */
async function eventStoreDb(): Promise<Record<string, string>> {
  const { url, stop } = await startEventStoreDb('EVENTSTORE_TEST_DAY_URL');
  onTestFinished(stop);
  return { EVENTSTORE_URL: url };
}

it.each([
  { log: 'PostgreSQL', variables: async () => ({}) },
  { log: 'EventStoreDB', variables: eventStoreDb },
])(
  'the working day of docs/working-day.md goes as it is told, by curl alone, the log in $log',
  async ({ variables }) => {
    const home = await deskHome(await variables());
    onTestFinished(() => home.remove());
    const { desk, url } = await home.up();
    const [, token = ''] = await desk.printed(/First admin token\s+(desk_\S+)/);
    // Ends with an error at the first answer that is not of the kind the story tells.
    const { stdout } = await promisify(execFile)(script, [url, token], {
      timeout: 100_000,
      maxBuffer: 4 * 1024 * 1024,
    });
    const replay = stdout.slice(stdout.indexOf('How it came about'));
    const types = new Set([...replay.matchAll(/\*\*(\w+)\*\*/g)].map(([, type]) => type));
    for (const type of told) expect(types).toContain(type);
  },
  120_000,
);
