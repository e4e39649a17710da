import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../bench/random.js';
import type { ChaosIssue } from './chaos-issue.js';
import { checkWorld } from './check-world.js';
import type { Findings } from './findings.js';
import { preparePlainIssue, prepareRepository } from './greet-issue.js';
import { isSettled } from './is-settled.js';
import { type LostAnswers, loseAnswers } from './lose-answers.js';
import { type ChaosWorld, startChaosWorld } from './start-chaos-world.js';

export interface ChaosResults {
  issues: number;
  kills: number;
  databaseRestarts: number;
  /** Starts that failed while the database was away, and were tried again. */
  failedStarts: number;
  lostAnswers: LostAnswers;
  modelFaults: number;
  findings: Findings;
}

const repositories = 4;
const concurrency = 3;
/** So many issues at most are waiting for their end at a time. */
const maxOpen = 12;
const lostAnswers = 0.05;
const modelFaults = 0.1;
/** So long without any issue being settled is taken for the end. */
const patienceMs = 10 * 60_000;

/** How the model fails: each of them passes when it is asked again. */
const faults = [{ status: 529 }, { cut: true }, { errorEvent: 'overloaded_error' }, { truncateInput: true }];

/**
 * Issues are labeled while the app is killed (SIGKILL, also while it starts) and its database restarted, over and over; some
 * of GitHub's answers are lost after it did the thing, and some of the model's replies fail. Until all is settled.
 */
export async function runChaos(options: {
  issues: number;
  seed: number;
  say: (line: string) => void;
  /** When it is aborted no further issue is asked for, and what was is brought to its end. */
  enough: AbortSignal;
}): Promise<ChaosResults> {
  const { seed, say, enough } = options;
  // Of its own for each actor: how they interleave is up to the machine, what each of them does is not.
  const random = (actor: number) => createRandom(seed * 10 + actor);
  const peace = new AbortController();
  const world = await startChaosWorld(concurrency);
  try {
    const issues: ChaosIssue[] = [];
    const counts = { modelFaults: 0 };
    let asking = true;
    const lost = loseAnswers(world.github, lostAnswers, random(1));
    await Promise.all([
      askForWork(world, { count: options.issues, random: random(2), enough }, issues, counts).finally(() => {
        asking = false;
      }),
      killAgainAndAgain(world, random(3), peace.signal),
      restartDatabase(world, random(4), peace.signal),
      waitUntilSettled(world, issues, () => asking, say).finally(() => peace.abort()),
    ]);
    const findings = await checkWorld(world, issues, patienceMs / 5);
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
    peace.abort();
    await world.abandon();
  }
}

async function askForWork(
  world: ChaosWorld,
  { count, random, enough }: { count: number; random: () => number; enough: AbortSignal },
  issues: ChaosIssue[],
  counts: { modelFaults: number },
): Promise<void> {
  const { github, model } = world;
  for (let at = 0; at < repositories; at++) await prepareRepository(world, `acme/chaos-${at}`, 'plain');
  const open = () => issues.filter((issue) => !isSettled(world, issue)).length;
  for (let at = 0; at < count; at++) {
    while (open() >= maxOpen && !enough.aborted) await pause(200);
    if (enough.aborted) return;
    const issue = await preparePlainIssue(world, `acme/chaos-${at % repositories}`, at + 1);
    for (let turn = 0; turn < issue.turns; turn++) {
      const fault = faults[Math.floor(random() * faults.length)];
      if (random() >= modelFaults || !fault) continue;
      model.failNext({ when: issue.title, ...fault });
      counts.modelFaults += 1;
    }
    issues.push(issue);
    // Nobody may be there to take the delivery.
    await github.label(issue.name, issue.number, 'backend', 'ada');
    await pause(random() * 500);
  }
}

async function killAgainAndAgain(world: ChaosWorld, random: () => number, peace: AbortSignal): Promise<void> {
  const { app } = world;
  // As long as three to nine starts take: a start, and the three runs that then prepare their folders anew at once, are as long
  // as two. Killed faster than anything can get on, a run is rightly ended as one that kills its worker at the same place.
  while (await passes(app.startMs * (3 + random() * 6), peace)) {
    const whileItStarts = random() < 0.2 ? random() * app.startMs : undefined;
    await app.kill(undefined, whileItStarts);
  }
}

async function restartDatabase(world: ChaosWorld, random: () => number, peace: AbortSignal): Promise<void> {
  // Five to ten seconds; longer where the machine is so busy that nothing would be done in between.
  while (await passes(Math.max(5000, world.app.startMs * 4) * (1 + random()), peace))
    await world.database.restart(random() < 0.5 ? 'fast' : 'immediate');
}

/** @returns false when there was peace meanwhile */
async function passes(ms: number, peace: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal: peace });
    return true;
  } catch (error) {
    if (peace.aborted) return false;
    throw error;
  }
}

/** All that was asked for is settled as GitHub shows it; then there is peace, and the rest may come to its end. */
async function waitUntilSettled(
  world: ChaosWorld,
  issues: readonly ChaosIssue[],
  asking: () => boolean,
  say: (line: string) => void,
): Promise<void> {
  const begun = Date.now();
  let [shown, end] = [-1, 0];
  for (;;) {
    const settled = issues.filter((issue) => isSettled(world, issue)).length;
    if (settled !== shown) {
      shown = settled;
      end = Date.now() + patienceMs;
      const { app, database } = world;
      say(
        `${settled} of ${issues.length} settled after ${Math.round((Date.now() - begun) / 1000)} s, ${app.kills} kills, ${database.restarts} database restarts`,
      );
    }
    if ((settled === issues.length && !asking()) || Date.now() > end) return;
    await pause(500);
  }
}
