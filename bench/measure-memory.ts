import { waitFor } from '../test/support/wait-for.js';
import { startWorld, type World } from '../test/support/world/start-world.js';
import { readProcess, resetPeak } from './read-process.js';
import { writeConversation } from './write-conversation.js';

export interface MemoryMeasurement {
  furtherRuns: number;
  /** The app's peak memory with one run. */
  onePeakMb: number;
  /** The app's peak memory with one run and the further runs. */
  allPeakMb: number;
}

const timeoutMs = 900_000;

/**
 * Measures the app's memory with one run, and then with further simultaneous runs. All runs wait in their
 * last turn.
 * @param calls number of tool calls in each conversation
 */
export async function measureMemory(calls: number, furtherRuns: number): Promise<MemoryMeasurement> {
  const world = await startWorld({ PULLWRIGHT_CONCURRENCY: String(furtherRuns + 2) });
  try {
    const { turns } = writeConversation(calls);
    const pid = world.app.process.pid ?? 0;
    // Complete one run before the measurement, so that the app has loaded and compiled all code. Otherwise,
    // this memory would be attributed to the measured runs.
    const first = await startRun(world, calls, 1);
    await first.settled(timeoutMs);

    const end = world.model.hold(turns.length);
    const waitForRuns = (count: number) =>
      waitFor(
        `${count} runs to wait in their last turn`,
        world,
        async () => countRequests(world, turns.length) === count + 1,
        timeoutMs,
      );
    resetPeak(pid);
    const runs = [await startRun(world, calls, 2)];
    await waitForRuns(1);
    const one = readProcess(pid).peakMemoryMb;
    resetPeak(pid);
    for (let more = 0; more < furtherRuns; more++) runs.push(await startRun(world, calls, 3 + more));
    await waitForRuns(1 + furtherRuns);
    const all = readProcess(pid).peakMemoryMb;
    end.release();
    for (const run of runs) await run.settled(timeoutMs);
    return { furtherRuns, onePeakMb: one, allPeakMb: all };
  } finally {
    await world.stop();
  }
}

async function startRun(world: World, calls: number, seed: number) {
  const task = writeConversation(calls, seed);
  const issue = await world.prepareIssue({ ...task, title: `Orders are priced wrongly, ${seed}` });
  return (await world.label(issue)).run();
}

/**
 * Counts the model requests for this turn so far: one from the first run, which has ended, and one from each
 * waiting run.
 */
function countRequests(world: World, turn: number): number {
  return world.model.requests.filter(
    ({ body }) => body.messages.filter(({ role }) => role === 'assistant').length === turn - 1,
  ).length;
}
