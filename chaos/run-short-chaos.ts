import { createRandom } from '../bench/random.js';
import { acceptTriggerSteps } from '../src/workflows/accept-trigger/steps.js';
import { implementIssueSteps } from '../src/workflows/implement-issue/steps.js';
import { type ChaosIssue, isSettled } from './chaos-issue.js';
import { checkWorld } from './check-world.js';
import type { Findings } from './findings.js';
import { installTriggers, killAtFirst } from './kill-at-first.js';
import { describeKillPoint, type KillPoint } from './kill-points.js';
import { loseAnswers } from './lose-answers.js';
import { preparePlainIssue, prepareRepository } from './prepare-issue.js';
import { startChaosWorld } from './start-chaos-world.js';
import type { RestartMode } from './start-database.js';

/** The app is killed once at each of these points, when the first run reaches it. */
const killPoints: KillPoint[] = [
  { workflow: 'accept-trigger', step: acceptTriggerSteps.announceRun.name, position: null, when: 'before' },
  { workflow: 'work-on-run', step: implementIssueSteps.ask.name, position: null, when: 'after' },
  { workflow: 'work-on-run', step: implementIssueSteps.act.name, position: null, when: 'before' },
  { workflow: 'work-on-run', step: implementIssueSteps.openPullRequest.name, position: null, when: 'before' },
];
/** Maps a number of kills to the kind of database restart that follows the last of these kills. */
const restarts = new Map<number, RestartMode>([
  [1, 'fast'],
  [3, 'immediate'],
]);
const timeoutMs = 200_000;

/**
 * Runs a chaos test that is short enough for the test suite: a few simultaneous issues, four kills and two
 * restarts of the database.
 */
export async function runShortChaos(options: {
  issues: number;
  seed: number;
}): Promise<{ kills: number; databaseRestarts: number; neverReached: string[]; findings: Findings }> {
  const world = await startChaosWorld(options.issues);
  try {
    const { app, database, github } = world;
    await installTriggers(world);
    await prepareRepository(world, 'acme/chaos', 'plain');
    const issues: ChaosIssue[] = [];
    for (let count = 1; count <= options.issues; count++)
      issues.push(await preparePlainIssue(world, 'acme/chaos', count));
    loseAnswers(github, 0.05, createRandom(options.seed));

    const end = Date.now() + timeoutMs;
    let labeled: Promise<unknown> | null = null;
    const isOver = async () => {
      // Label the issues here, because `killAtFirst` calls this function only after it has set the kill
      // points. If a kill interrupts a delivery, the app finds the label later.
      labeled ??= Promise.all(issues.map(({ name, number }) => github.label(name, number, 'backend', 'ada')));
      return Date.now() > end || issues.every((issue) => isSettled(world, issue));
    };
    let left = killPoints;
    while (left.length > 0) {
      const { killedAt } = await killAtFirst(world, left, isOver);
      if (killedAt.length === 0) break;
      left = left.filter((killPoint) => !killedAt.includes(killPoint));
      const restart = restarts.get(app.kills);
      if (restart) await database.restart(restart);
    }
    await labeled;
    const findings = await checkWorld(world, issues, end - Date.now());
    return {
      kills: app.kills,
      databaseRestarts: database.restarts,
      neverReached: left.map(describeKillPoint),
      findings,
    };
  } finally {
    await world.abandon();
  }
}
