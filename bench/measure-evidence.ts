import { followRun } from '../demo/follow-run.js';
import { labelShopIssue, openShopIssue } from '../demo/shop-issue.js';
import { type DemoWorld, readDemoConversation, startDemoWorld } from '../demo/start-demo-world.js';
import { blocksOf, type Conversation } from '../scripted-model/scripted-model.js';
import { median } from './median.js';

/** The steps that measure a change, in order. */
const parts = [
  'set-up-change',
  'run-tests-after',
  'compare-tests',
  'prove-tests',
  'rehearse-migrations',
  'compare-api',
  'measure-coverage',
  'record-queries',
  'try-mutations',
  'scan-change',
] as const;

export interface EvidenceMeasurement {
  /** Median time of one plain run of the tests of the change, in milliseconds. */
  plainMs: number;
  /** What each step took when it measured the accepted change, in milliseconds. */
  parts: readonly { step: string; ms: number }[];
}

const rounds = 3;
const word = 'plain-run-ms';

/** Runs the tests as a person would, without anything of Pullwright. */
const plainRuns = `for round in $(seq ${rounds}); do
  start=$(date +%s%N)
  npm test > /dev/null 2>&1 || echo "${word} failed"
  echo "${word} $((($(date +%s%N) - start) / 1000000))"
done`;

/**
 * Measures what evidence costs in time on the issue of the demo. Right before the agent submits its work, it
 * runs the same tests beside the same services, so that a busy machine slows both.
 */
export async function measureEvidence(environment: NodeJS.ProcessEnv): Promise<EvidenceMeasurement> {
  // With a key, the demo would use Claude.
  const world = await startDemoWorld(
    { ...environment, ANTHROPIC_API_KEY: '' },
    addPlainRuns(readDemoConversation()),
  );
  try {
    const { number } = await openShopIssue(world.github);
    await labelShopIssue(world.github, number);
    const { run } = await followRun(world, null, new AbortController().signal, () => {});
    if (run.outcome?.kind !== 'pull-request')
      throw new Error(`bench: expected a pull request; found ${JSON.stringify(run.outcome)}`);
    return { plainMs: readPlainMs(world), parts: readParts(world) };
  } finally {
    await world.close();
  }
}

/** Adds plain runs of the tests to the last turn before the accepted work. */
function addPlainRuns(conversation: Conversation): Conversation {
  let isAdded = false;
  const turns = conversation.turns.map((turn) => {
    const runsAll = turn.calls?.some(([name, input]) => name === 'run_tests' && !input.files);
    if (!runsAll || isAdded) return turn;
    isAdded = true;
    return { ...turn, calls: [...(turn.calls ?? []), ['bash', { command: plainRuns }] as [string, object]] };
  });
  if (!isAdded) throw new Error('bench: no turn of the demo runs all tests');
  return { ...conversation, turns } as Conversation;
}

function readPlainMs({ recording }: DemoWorld): number {
  const results = (recording?.requests.at(-1)?.body.messages ?? [])
    .flatMap(({ content }) => blocksOf(content))
    .map(({ content }) => String(content));
  const output = results.find((text) => text.includes(word)) ?? '';
  const runs = [...output.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, ms]) => Number(ms));
  if (runs.length !== rounds) throw new Error(`bench: the plain runs of the tests failed: ${output}`);
  return median(runs);
}

/** Reads from the log of the app how long each step took the last time, with the accepted work. */
function readParts({ app }: DemoWorld): EvidenceMeasurement['parts'] {
  const durations = new Map<string, number>();
  for (const line of app.log) {
    if (!line.includes('"msg":"step done"')) continue;
    const { step, milliseconds } = JSON.parse(line) as { step: string; milliseconds: number };
    durations.set(step, milliseconds);
  }
  return parts.map((step) => {
    const ms = durations.get(step);
    if (ms === undefined) throw new Error(`bench: the step ${step} did not run`);
    return { step, ms };
  });
}
