import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../bench/random.js';
import { type ChaosIssue, isSettled } from './chaos-issue.js';
import { checkWorld } from './check-world.js';
import type { Findings } from './findings.js';
import { type LostAnswers, loseAnswers } from './lose-answers.js';
import { preparePlainIssue, prepareRepository } from './prepare-issue.js';
import { type ChaosWorld, startChaosWorld } from './start-chaos-world.js';

export interface ChaosResults {
  issues: number;
  kills: number;
  databaseRestarts: number;
  /** Number of failed starts of the app. A start fails while the database is down, and is then repeated. */
  failedStarts: number;
  lostAnswers: LostAnswers;
  modelFaults: number;
  findings: Findings;
}

const repositories = 4;
const concurrency = 3;
/** Maximum number of unfinished issues at a time. */
const maxOpen = 12;
const lostAnswersShare = 0.05;
const modelFaultsShare = 0.1;
/** The chaos test gives up when no issue finishes within this time. */
const timeoutMs = 10 * 60_000;

/** Failures of the model. The same request succeeds when it is repeated. */
const modelFaults = [
  { status: 529 },
  { cut: true },
  { errorEvent: 'overloaded_error' },
  { truncateInput: true },
];

/**
 * Labels issues and disturbs their runs: repeatedly kills the app (SIGKILL, sometimes during a start),
 * restarts the database, loses some of GitHub's responses, and makes some of the model's replies fail. Ends
 * when all issues are finished or no issue finishes within the time limit.
 */
export async function runChaos(options: {
  issues: number;
  seed: number;
  print: (line: string) => void;
  /** Abort this signal to stop labeling issues. The runs of labeled issues still finish. */
  interruption: AbortSignal;
}): Promise<ChaosResults> {
  const { seed, print, interruption } = options;
  // Each activity, such as the kills, has its own sequence of random numbers. The seed therefore determines
  // its actions, and only their timing depends on the machine.
  const random = (actor: number) => createRandom(seed * 10 + actor);
  const disruption = new AbortController();
  const world = await startChaosWorld(concurrency);
  try {
    const issues: ChaosIssue[] = [];
    const counts = { modelFaults: 0 };
    let labeling = true;
    const lost = loseAnswers(world.github, lostAnswersShare, random(1));
    await Promise.all([
      labelIssues(world, { count: options.issues, random: random(2), interruption }, issues, counts).finally(
        () => {
          labeling = false;
        },
      ),
      killRepeatedly(world, random(3), disruption.signal),
      restartDatabaseRepeatedly(world, random(4), disruption.signal),
      waitUntilSettled(world, issues, () => labeling, print).finally(() => disruption.abort()),
    ]);
    const findings = await checkWorld(world, issues, timeoutMs / 5);
    const { app, database } = world;
    return {
      issues: issues.length,
      kills: app.kills,
      databaseRestarts: database.restarts,
      failedStarts: app.failedStarts,
      lostAnswers: lost,
      modelFaults: counts.modelFaults,
      findings,
    };
  } finally {
    disruption.abort();
    await world.abandon();
  }
}

async function labelIssues(
  world: ChaosWorld,
  { count, random, interruption }: { count: number; random: () => number; interruption: AbortSignal },
  issues: ChaosIssue[],
  counts: { modelFaults: number },
): Promise<void> {
  const { github, model } = world;
  for (let index = 0; index < repositories; index++)
    await prepareRepository(world, `acme/chaos-${index}`, 'plain');
  const open = () => issues.filter((issue) => !isSettled(world, issue)).length;
  for (let index = 0; index < count; index++) {
    while (open() >= maxOpen && !interruption.aborted) await pause(200);
    if (interruption.aborted) return;
    const issue = await preparePlainIssue(world, `acme/chaos-${index % repositories}`, index + 1);
    for (let turn = 0; turn < issue.turns; turn++) {
      const fault = modelFaults[Math.floor(random() * modelFaults.length)];
      if (random() >= modelFaultsShare || !fault) continue;
      model.failNext({ when: issue.title, ...fault });
      counts.modelFaults += 1;
    }
    issues.push(issue);
    // The delivery fails if the app is down at the moment. The app finds the label later.
    await github.label(issue.name, issue.number, 'backend', 'ada');
    await pause(random() * 500);
  }
}

async function killRepeatedly(world: ChaosWorld, random: () => number, end: AbortSignal): Promise<void> {
  const { app } = world;
  // Let the app live for three to nine times the duration of a start. The app needs about twice the duration
  // of a start to start and to resume three runs. If the kills came faster, no run would progress. The app
  // would then end every run, because each one would seem to kill its worker repeatedly at the same place.
  while (await waitWhileActive(app.startMs * (3 + random() * 6), end)) {
    const killAgainAfterMs = random() < 0.2 ? random() * app.startMs : undefined;
    await app.kill(undefined, killAgainAfterMs);
  }
}

async function restartDatabaseRepeatedly(
  world: ChaosWorld,
  random: () => number,
  end: AbortSignal,
): Promise<void> {
  // Restart the database every five to ten seconds, or less often on a busy machine, so that the runs can
  // progress between two restarts.
  while (await waitWhileActive(Math.max(5000, world.app.startMs * 4) * (1 + random()), end))
    await world.database.restart(random() < 0.5 ? 'fast' : 'immediate');
}

/**
 * Waits for `ms` milliseconds.
 * @returns false when `end` was aborted before the time was over
 */
async function waitWhileActive(ms: number, end: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal: end });
    return true;
  } catch (error) {
    if (end.aborted) return false;
    throw error;
  }
}

/**
 * Waits until the comments on GitHub show that all runs have ended. Gives up when no run ends within
 * `timeoutMs`.
 */
async function waitUntilSettled(
  world: ChaosWorld,
  issues: readonly ChaosIssue[],
  isLabeling: () => boolean,
  print: (line: string) => void,
): Promise<void> {
  const startedAt = Date.now();
  let [shown, end] = [-1, 0];
  for (;;) {
    const settled = issues.filter((issue) => isSettled(world, issue)).length;
    if (settled !== shown) {
      shown = settled;
      end = Date.now() + timeoutMs;
      const { app, database } = world;
      print(
        `${settled} of ${issues.length} issues finished after ${Math.round((Date.now() - startedAt) / 1000)} s, ${app.kills} kills, ${database.restarts} database restarts`,
      );
    }
    if ((settled === issues.length && !isLabeling()) || Date.now() > end) return;
    await pause(500);
  }
}
