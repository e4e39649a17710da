import { parseArgs } from 'node:util';
import type { Findings } from './findings.js';
import { runChaos } from './run-chaos.js';
import { runMatrix } from './run-matrix.js';
import { abandonWorlds } from './start-chaos-world.js';

/*
 * Is anything lost, doubled or paid for twice, wherever the app dies?
 * npm run chaos -- --issues 20 --seed 7     at random
 * npm run chaos -- --matrix                 before and after every step
 */

const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    matrix: { type: 'boolean', default: false },
  },
});
const [issues, seed] = [Number(values.issues), Number(values.seed)];
if (!Number.isInteger(issues) || issues < 1 || !Number.isInteger(seed)) {
  console.error('chaos: expected --issues with a number from 1, and --seed with a whole number');
  process.exit(64);
}
const say = (line: string) => console.log(`chaos: ${line}`);
const enough = new AbortController();
let abandoned: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (enough.signal.aborted || values.matrix)
      abandoned ??= abandonWorlds().finally(() => process.exit(130));
    else say('interrupted: what was asked for is brought to its end; once more ends it at once');
    enough.abort();
  });

const begun = Date.now();
try {
  await (values.matrix ? tryEveryMoment() : tryAtRandom());
} catch (error) {
  if (!abandoned) throw error;
  // What was under way fails by that.
  await abandoned;
}

async function tryEveryMoment(): Promise<void> {
  say('every step, before and after');
  const results = await runMatrix(say);
  sumUp(results, `, moments ${results.moments}`);
}

async function tryAtRandom(): Promise<void> {
  say(`${issues} issues, seed ${seed}`);
  const results = await runChaos({ issues, seed, say, enough: enough.signal });
  const lost = Object.entries(results.lostAnswers).sort(([, one], [, other]) => other - one);
  say(`answers lost: ${lost.map(([operation, count]) => `${operation} ${count}`).join(', ') || 'none'}`);
  say(`model faults ${results.modelFaults}, starts that failed without a database ${results.failedStarts}`);
  sumUp(results, '');
}

function sumUp(
  results: { issues: number; kills: number; databaseRestarts: number; findings: Findings },
  more: string,
): void {
  const { pullRequests, lost, doubled, boughtTwice, faults } = results.findings;
  for (const fault of faults) say(fault);
  say(`${faults.length} faults, ${Math.round((Date.now() - begun) / 1000)} s`);
  console.log(
    `issues ${results.issues}, kills ${results.kills}, database restarts ${results.databaseRestarts}, pull requests ${pullRequests}, lost ${lost}, doubled ${doubled}, replies bought twice ${boughtTwice}${more}`,
  );
  process.exitCode = faults.length + lost + doubled + boughtTwice === 0 ? 0 : 1;
}
