import { parseArgs } from 'node:util';
import type { Findings } from './findings.js';
import { runChaos } from './run-chaos.js';
import { runMatrix } from './run-matrix.js';
import { abandonWorlds } from './start-chaos-world.js';

/*
 * Kills the app and its database while they work. Then checks that nothing was lost, done twice or paid for
 * twice. The options determine when the app is killed:
 *   npm run chaos -- --issues 20 --seed 7     at random times
 *   npm run chaos -- --matrix                 before and after every step
 *   npm run chaos -- --matrix --every 10      at every tenth of these kill points
 */

const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    matrix: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
  },
});
const [issues, seed, every] = [Number(values.issues), Number(values.seed), Number(values.every)];
if (!isPositive(issues) || !Number.isInteger(seed) || !isPositive(every)) {
  console.error(
    `chaos: expected whole numbers for --issues (from 1), --seed and --every (from 1); found ${values.issues}, ${values.seed} and ${values.every}`,
  );
  process.exit(64);
}
const print = (line: string) => console.log(`chaos: ${line}`);
const interruption = new AbortController();
let abandoned: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (interruption.signal.aborted || values.matrix)
      abandoned ??= abandonWorlds().finally(() => process.exit(130));
    else print('interrupted; waiting for the labeled issues. Interrupt again to stop at once.');
    interruption.abort();
  });

const startedAt = Date.now();
try {
  await (values.matrix ? killAtSteps() : killAtRandom());
} catch (error) {
  if (!abandoned) throw error;
  // This error is expected: the interruption stopped all servers while the test was running.
  await abandoned;
}

function isPositive(number: number): boolean {
  return Number.isInteger(number) && number >= 1;
}

async function killAtSteps(): Promise<void> {
  print(every === 1 ? 'kills before and after every step' : `kills at 1 of every ${every} kill points`);
  const results = await runMatrix({ every, print });
  printSummary(results, `, kill points ${results.killPoints}`);
}

async function killAtRandom(): Promise<void> {
  print(`${issues} issues, seed ${seed}`);
  const results = await runChaos({ issues, seed, print, interruption: interruption.signal });
  const lost = Object.entries(results.lostAnswers).sort(([, one], [, other]) => other - one);
  print(`lost answers: ${lost.map(([operation, count]) => `${operation} ${count}`).join(', ') || 'none'}`);
  print(`model faults: ${results.modelFaults}`);
  print(`starts that failed because the database was down: ${results.failedStarts}`);
  printSummary(results, '');
}

function printSummary(
  results: { issues: number; kills: number; databaseRestarts: number; findings: Findings },
  more: string,
): void {
  const { pullRequests, lost, duplicated, paidTwice, faults } = results.findings;
  for (const fault of faults) print(fault);
  print(`${faults.length} faults, ${Math.round((Date.now() - startedAt) / 1000)} s`);
  console.log(
    `issues ${results.issues}, kills ${results.kills}, database restarts ${results.databaseRestarts}, pull requests ${pullRequests}, lost ${lost}, duplicated ${duplicated}, replies paid twice ${paidTwice}${more}`,
  );
  process.exitCode = faults.length + lost + duplicated + paidTwice === 0 ? 0 : 1;
}
