/** The fake as a process of its own, until it is killed: prints its connection string. */
import { startEventStoreDbFake } from './server.ts';

const { url } = await startEventStoreDbFake();
process.stdout.write(`${url}\n`);
