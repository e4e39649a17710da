import { setTimeout as pause } from 'node:timers/promises';
import { acceptTriggerSteps } from '../src/workflows/accept-trigger/steps.js';
import { implementIssueSteps } from '../src/workflows/implement-issue/steps.js';
import { type ChaosIssue, isSettled } from './chaos-issue.js';
import { checkIssue } from './check-issue.js';
import { checkWorld, isQuiet } from './check-world.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import { installTriggers, killAtFirst } from './kill-at-first.js';
import { describeKillPoint, type KillPoint, listKillPoints } from './kill-points.js';
import { prepareRepository, prepareTestedIssue } from './prepare-issue.js';
import { type ChaosWorld, startChaosWorld } from './start-chaos-world.js';

export interface MatrixResults {
  issues: number;
  kills: number;
  databaseRestarts: number;
  killPoints: number;
  findings: Findings;
}

/**
 * Number of issues. The kill points are distributed among them in turn, so that neighboring kill points
 * belong to different issues. Otherwise, runs would end early: the app ends a run that kills its worker five
 * times near the same place.
 */
const issueCount = 8;
/**
 * Time limit for starting the app and reaching the next kill point, which takes two seconds on an idle
 * machine.
 */
const timeoutMs = 90_000;
const repository = 'acme/matrix';

/**
 * Kills the app before and after the steps that lead from a label to a pull request.
 * @param options.every with the value n, the app is killed at every nth kill point
 */
export async function runMatrix(options: {
  every: number;
  print: (line: string) => void;
}): Promise<MatrixResults> {
  const { every, print } = options;
  const world = await startChaosWorld(4);
  try {
    await installTriggers(world);
    await prepareRepository(world, repository, 'tested');
    const issues: ChaosIssue[] = [];
    const undisturbed = await killAtEach(world, issues, []);
    const all = await listKillPoints(world, repository, issues[0]?.number ?? 0);
    print(`a run without kills has ${all.length} kill points`);
    for (const name of listUnreachedSteps(all)) print(`it does not reach the step ${name}`);
    const chosen = all.filter((_, index) => index % every === 0);

    const found = [undisturbed];
    for (let turn = 0; turn < issueCount; turn++) {
      const killPoints = chosen.filter((_, index) => index % issueCount === turn);
      if (killPoints.length > 0) found.push(await tryKillPoints(world, issues, killPoints, print));
    }
    // Every issue was already checked when its run ended. This second check finds issues that changed later.
    const last = await checkWorld(world, issues, timeoutMs);
    const { app, database } = world;
    return {
      issues: issues.length,
      kills: app.kills,
      databaseRestarts: database.restarts,
      killPoints: chosen.length,
      findings: { ...last, faults: [...new Set([...addFindings(found).faults, ...last.faults])] },
    };
  } finally {
    await world.abandon();
  }
}

/** Lists the names of the steps, in both workflows, for which there is no kill point. */
function listUnreachedSteps(killPoints: readonly KillPoint[]): string[] {
  const reached = new Set(killPoints.map(({ step }) => step));
  const names = [acceptTriggerSteps, implementIssueSteps].flatMap((table) =>
    Object.values(table).map(({ name }) => name),
  );
  return names.filter((name) => !reached.has(name));
}

/**
 * Kills the app at these kill points during one run. If a fault occurs, tries each kill point in a separate
 * run to find the cause.
 */
async function tryKillPoints(
  world: ChaosWorld,
  issues: ChaosIssue[],
  killPoints: readonly KillPoint[],
  print: (line: string) => void,
): Promise<Findings> {
  const together = await killAtEach(world, issues, killPoints);
  for (const fault of together.faults) print(`with all kill points together: ${fault}`);
  let hasCause = false;
  for (const killPoint of killPoints) {
    const alone = together.faults.length > 0 ? await killAtEach(world, issues, [killPoint]) : noFindings();
    hasCause ||= alone.faults.length > 0;
    print(`${alone.faults.length > 0 ? 'FAILED' : 'ok    '} ${describeKillPoint(killPoint)}`);
    for (const fault of alone.faults) print(`       ${fault}`);
  }
  if (together.faults.length > 0 && !hasCause) print('FAILED only with all kill points together');
  return together;
}

/** Runs one issue from its label to the end of its run. Kills the app at each of these kill points. */
async function killAtEach(
  world: ChaosWorld,
  issues: ChaosIssue[],
  killPoints: readonly KillPoint[],
): Promise<Findings> {
  const { github } = world;
  const issue = await prepareTestedIssue(world, repository, issues.length + 1);
  issues.push(issue);
  const findings = noFindings();
  let labeled: Promise<unknown> | null = null;
  const end = Date.now() + timeoutMs * (1 + killPoints.length);
  const isOver = async () => {
    // Label the issue here, because `killAtFirst` calls this function only after it has set the kill points.
    // If a kill interrupts the delivery, the app finds the label later.
    labeled ??= github.label(issue.name, issue.number, 'backend', 'ada');
    return Date.now() > end || (isSettled(world, issue) && (await isQuiet(world)));
  };
  let left = [...killPoints];
  while (left.length > 0) {
    const { killedAt, faults } = await killAtFirst(world, left, isOver);
    findings.faults.push(...faults);
    if (killedAt.length === 0) break;
    left = left.filter((killPoint) => !killedAt.includes(killPoint));
  }
  for (const killPoint of left)
    findings.faults.push(`${issue.name}#${issue.number} did not reach: ${describeKillPoint(killPoint)}`);
  while (!(await isOver())) await pause(100);
  if (Date.now() > end) findings.faults.push(`${issue.name}#${issue.number} timed out`);
  await labeled;
  const checked = await world.withDatabase((client) => checkIssue(world, client, issue));
  return addFindings([findings, checked]);
}
