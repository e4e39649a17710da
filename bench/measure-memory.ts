import { waitFor } from '../test/support/wait-for.js';
import { startWorld, type World } from '../test/support/world/start-world.js';
import { forgetPeak, readProcess } from './read-process.js';
import { writeConversation } from './write-conversation.js';

export interface MemoryMeasurement {
  furtherRuns: number;
  /** Peak of the app while one run goes to its last turn, and while so many more do. */
  onePeakMb: number;
  allPeakMb: number;
}

const patienceMs = 900_000;

/** One run, then more of them side by side in one app, all held at the last turn of a conversation of so many calls. */
export async function measureMemory(calls: number, furtherRuns: number): Promise<MemoryMeasurement> {
  const world = await startWorld({ PULLWRIGHT_CONCURRENCY: String(furtherRuns + 2) });
  try {
    const { turns } = writeConversation(calls);
    const pid = world.app.process.pid ?? 0;
    // A first run to its end: what is loaded and compiled once is not the price of a further run.
    const first = await begin(world, calls, 1);
    await first.settled(patienceMs);

    const end = world.model.hold(turns.length);
    const held = (count: number) =>
      waitFor(
        `${count} runs to be held`,
        world,
        async () => heldRuns(world, turns.length) === count + 1,
        patienceMs,
      );
    forgetPeak(pid);
    const begun = [await begin(world, calls, 2)];
    await held(1);
    const one = readProcess(pid).peakMemoryMb;
    forgetPeak(pid);
    for (let more = 0; more < furtherRuns; more++) begun.push(await begin(world, calls, 3 + more));
    await held(1 + furtherRuns);
    const all = readProcess(pid).peakMemoryMb;
    end.release();
    for (const run of begun) await run.settled(patienceMs);
    return { furtherRuns, onePeakMb: one, allPeakMb: all };
  } finally {
    await world.stop();
  }
}

async function begin(world: World, calls: number, seed: number) {
  const task = writeConversation(calls, seed);
  const issue = await world.prepareIssue({ ...task, title: `Orders are priced wrongly, ${seed}` });
  return (await world.label(issue)).run();
}

/** Requests for the last turn so far: that of the first run, which is over, and those that wait. */
function heldRuns(world: World, turn: number): number {
  return world.model.requests.filter(
    ({ body }) => body.messages.filter(({ role }) => role === 'assistant').length === turn - 1,
  ).length;
}
