import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosIssue } from './chaos-issue.js';
import { checkIssue } from './check-issue.js';
import { checkWorld, isQuiet } from './check-world.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import { prepareRepository, prepareTestedIssue } from './greet-issue.js';
import { isSettled } from './is-settled.js';
import { type ChaosWorld, startChaosWorld } from './start-chaos-world.js';
import { installStops, killAtFirst, listMoments, type Moment } from './step-stops.js';

export interface MatrixResults {
  issues: number;
  kills: number;
  databaseRestarts: number;
  moments: number;
  findings: Findings;
}

/**
 * Over so many issues the moments are dealt out, one each in turn: none is killed more than a few times near the same place,
 * where a run that kills its worker five times would be ended.
 */
const hands = 8;
/** For a start and what comes until the next moment; an idle machine takes two seconds. */
const patienceMs = 90_000;
const repository = 'acme/matrix';

/** Kills the app before and after every step of a run, and of what led to it. */
export async function runMatrix(say: (line: string) => void): Promise<MatrixResults> {
  const world = await startChaosWorld(4);
  try {
    await installStops(world);
    await prepareRepository(world, repository, 'tested');
    const issues: ChaosIssue[] = [];
    const undisturbed = await killAtEach(world, issues, []);
    const all = await listMoments(world, repository, issues[0]?.number ?? 0);
    say(`an undisturbed run has ${all.length / 2} steps, so ${all.length} moments`);

    const found = [undisturbed];
    for (let hand = 0; hand < hands; hand++) {
      const moments = all.filter((_, at) => at % hands === hand);
      const together = await killAtEach(world, issues, moments);
      found.push(together);
      for (const fault of together.faults) say(`together: ${fault}`);
      const guilty =
        together.faults.length > 0 ? await findGuilty(world, issues, moments) : new Map<Moment, Findings>();
      for (const moment of moments) {
        const alone = guilty.get(moment);
        say(`${alone ? 'FAILED' : 'ok    '} ${describe(moment)}`);
        for (const fault of alone?.faults ?? []) say(`       ${fault}`);
      }
      if (together.faults.length > 0 && guilty.size === 0) say('FAILED only when these came together');
    }
    // What was found at each issue is counted already; it is read again for those that changed behind our back.
    const last = await checkWorld(world, issues, patienceMs);
    const { app, database } = world;
    return {
      issues: issues.length,
      kills: app.kills,
      databaseRestarts: database.restarts,
      moments: all.length,
      findings: { ...last, faults: [...new Set([...addFindings(found).faults, ...last.faults])] },
    };
  } finally {
    await world.abandon();
  }
}

/** Which of these moments does it alone, on an issue of its own. */
async function findGuilty(
  world: ChaosWorld,
  issues: ChaosIssue[],
  moments: readonly Moment[],
): Promise<Map<Moment, Findings>> {
  const guilty = new Map<Moment, Findings>();
  for (const moment of moments) {
    const findings = await killAtEach(world, issues, [moment]);
    if (findings.faults.length > 0) guilty.set(moment, findings);
  }
  return guilty;
}

/** One issue from its label to its end, with a kill at each of these moments. */
async function killAtEach(
  world: ChaosWorld,
  issues: ChaosIssue[],
  moments: readonly Moment[],
): Promise<Findings> {
  const { github } = world;
  const issue = await prepareTestedIssue(world, repository, issues.length + 1);
  issues.push(issue);
  const findings = noFindings();
  let labeled: Promise<unknown> | null = null;
  const end = Date.now() + patienceMs * (1 + moments.length);
  const isOver = async () => {
    // Not before the first stop is set. What a kill cuts off may be this very delivery: then the label is found by looking.
    labeled ??= github.label(issue.name, issue.number, 'backend', 'ada');
    return Date.now() > end || (isSettled(world, issue) && (await isQuiet(world)));
  };
  let left = [...moments];
  while (left.length > 0) {
    const { killedAt, faults } = await killAtFirst(world, left, isOver);
    findings.faults.push(...faults);
    if (killedAt.length === 0) break;
    left = left.filter((moment) => !killedAt.includes(moment));
  }
  for (const moment of left)
    findings.faults.push(`${describe(moment)}: ${issue.name}#${issue.number} never came there`);
  while (!(await isOver())) await pause(100);
  if (Date.now() > end) findings.faults.push(`${issue.name}#${issue.number} did not come to its end in time`);
  await labeled;
  const checked = await world.withDatabase((client) => checkIssue(world, client, issue));
  return addFindings([findings, checked]);
}

function describe({ workflow, step, position, when }: Moment): string {
  const place = position === null || position < 0 ? step : `step ${position}, ${step},`;
  return `${workflow}: ${place} ${when === 'before' ? 'before' : 'after'} it is recorded`;
}
