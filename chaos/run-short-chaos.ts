import { createRandom } from '../bench/random.js';
import type { ChaosIssue } from './chaos-issue.js';
import { checkWorld } from './check-world.js';
import type { Findings } from './findings.js';
import { preparePlainIssue, prepareRepository } from './greet-issue.js';
import { isSettled } from './is-settled.js';
import { loseAnswers } from './lose-answers.js';
import { startChaosWorld } from './start-chaos-world.js';
import type { RestartMode } from './start-database.js';
import { installStops, killAtFirst, type Moment } from './step-stops.js';

/** Where the app is killed, each once, at whichever run comes there first. */
const moments: Moment[] = [
  { workflow: 'accept-trigger', step: 'announce', position: null, when: 'before' },
  { workflow: 'work-on-run', step: 'ask', position: null, when: 'after' },
  { workflow: 'work-on-run', step: 'act', position: null, when: 'before' },
  { workflow: 'work-on-run', step: 'openPullRequest', position: null, when: 'before' },
];
/** After so many kills, while the app runs. */
const restarts = new Map<number, RestartMode>([
  [1, 'fast'],
  [3, 'immediate'],
]);
const patienceMs = 200_000;

/** A chaos that a test run has the time for: a few issues at once, four kills, two restarts of the database. */
export async function runShortChaos(options: {
  issues: number;
  seed: number;
}): Promise<{ kills: number; databaseRestarts: number; neverReached: string[]; findings: Findings }> {
  const world = await startChaosWorld(options.issues);
  try {
    const { app, database, github } = world;
    await installStops(world);
    await prepareRepository(world, 'acme/chaos', 'plain');
    const issues: ChaosIssue[] = [];
    for (let at = 1; at <= options.issues; at++)
      issues.push(await preparePlainIssue(world, 'acme/chaos', at));
    loseAnswers(github, 0.05, createRandom(options.seed));

    const end = Date.now() + patienceMs;
    let labeled: Promise<unknown> | null = null;
    const isOver = async () => {
      // Not before the stops are set. A delivery that a kill cuts off is found by looking.
      labeled ??= Promise.all(issues.map(({ name, number }) => github.label(name, number, 'backend', 'ada')));
      return Date.now() > end || issues.every((issue) => isSettled(world, issue));
    };
    let left = moments;
    while (left.length > 0) {
      const { killedAt } = await killAtFirst(world, left, isOver);
      if (killedAt.length === 0) break;
      left = left.filter((moment) => !killedAt.includes(moment));
      const restart = restarts.get(app.kills);
      if (restart) await database.restart(restart);
    }
    await labeled;
    const findings = await checkWorld(world, issues, end - Date.now());
    return {
      kills: app.kills,
      databaseRestarts: database.restarts,
      neverReached: left.map(({ workflow, step, when }) => `${workflow} ${step} ${when}`),
      findings,
    };
  } finally {
    await world.abandon();
  }
}
