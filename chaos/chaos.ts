import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../bench/random.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/engine/embedded-postgres.js';
import { appEnvironment, webhookSecret } from '../test/support/app-environment.js';
import { startLocalGitHub } from '../test/support/local-github/start-local-github.js';
import { plain, submitPlain } from '../test/support/plain.js';
import { startScriptedModel } from '../test/support/scripted-model/start-scripted-model.js';
import { type App, startApp } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { type ChaosIssue, checkResults } from './check-results.js';

/*
 * Issues are labeled while the app is killed (SIGKILL) and its database restarted, over and over; some of GitHub's answers are
 * lost after it did the thing, and some of the model's replies fail. Afterwards nothing may be lost, doubled or bought twice.
 * npm run chaos -- --issues 20 --seed 7
 */

const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const [issueCount, seed] = [Number(values.issues), Number(values.seed)];
if (!Number.isInteger(issueCount) || issueCount < 1 || !Number.isInteger(seed)) {
  console.error('chaos: expected --issues with a number from 1, and --seed with a whole number');
  process.exit(64);
}
const random = createRandom(seed);
const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
const lostAnswers = 0.05;
const modelFaults = 0.1;
const settleMs = 10 * 60_000;

console.log(`chaos: ${issueCount} issues, seed ${seed}`);
const folder = await createTemporaryFolder('pullwright-chaos-');
const startPostgres = () => startEmbeddedPostgres(path.join(folder.path, 'postgres'));
let postgres: EmbeddedPostgres = await startPostgres();
const github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
const model = await startScriptedModel();
const home = path.join(folder.path, 'home');
const environment = {
  ...appEnvironment(github, model, home),
  DATABASE_URL: postgres.url,
  EGRESS: 'none',
  PULLWRIGHT_CONCURRENCY: '4',
  // What is delivered while the app is down is found by looking.
  RECONCILE_MINUTES: '0.1',
};
const start = async (): Promise<App> => {
  const started = await startApp(environment);
  github.setWebhook(started.webhookUrl, webhookSecret);
  return started;
};
let app = await start();
const counts = { kills: 0, databaseRestarts: 0 };
const issues: ChaosIssue[] = [];
let over = false;

try {
  await Promise.all([prepareIssues(), killAgainAndAgain(), restartDatabase(), waitForTheEnd()]);
  const code = await app.stop();
  const wrong = await checkResults({ postgres, github, model, issues, home, folder: folder.path });
  if (code !== 0) wrong.faults.push(`the app ended with exit code ${code}`);
  for (const fault of wrong.faults) console.log(`chaos: ${fault}`);
  console.log(
    `issues ${issues.length}, kills ${counts.kills}, database restarts ${counts.databaseRestarts}, pull requests ${wrong.pullRequests}, lost ${wrong.lost}, doubled ${wrong.doubled}, replies bought twice ${wrong.boughtTwice}`,
  );
  process.exitCode = wrong.faults.length + wrong.lost + wrong.doubled + wrong.boughtTwice === 0 ? 0 : 1;
} finally {
  over = true;
  app.process.kill('SIGKILL');
  await Promise.all([github.stop(), model.stop(), postgres.stop()]);
  await folder.remove();
}

/** The second turn needs what the first one left: only a restored checkpoint goes on. */
async function prepareIssues(): Promise<void> {
  for (let at = 0; at < 4; at++) {
    await github.createRepository(`acme/chaos-${at}`, { files: plain });
    github.setRole(`acme/chaos-${at}`, 'ada', 'write');
  }
  for (let at = 0; at < issueCount; at++) {
    const name = `acme/chaos-${at % 4}`;
    const title = `Greet Ada for the ${at + 1}th time`;
    model.script({
      when: title,
      turns: [
        { calls: [['bash', { command: `echo 'hello ${at}' > greeting-${at}.txt` }]] },
        { calls: [['bash', { command: `cat greeting-${at}.txt` }]] },
        { expect: [`hello ${at}`], calls: [submitPlain] },
      ],
    });
    const number = await github.openIssue(name, { title, body: 'By name, please.', author: 'ada' });
    issues.push({ name, number, title, turns: 3 });
    for (let turn = 0; turn < 3; turn++)
      if (random() < modelFaults)
        model.failNext({ when: title, ...(random() < 0.5 ? { status: 529 } : { cut: true }) });
    for (const [method, rest] of [
      ['POST', `issues/${number}/comments`],
      ['POST', 'pulls'],
      ['POST', 'check-runs'],
    ] as const)
      if (random() < lostAnswers)
        github.failNext({ method, path: `/repos/${name}/${rest}`, status: 502, afterEffect: true });
    await github.label(name, number, 'backend', 'ada').catch(() => null);
    await pause(between(0, 500));
  }
}

async function killAgainAndAgain(): Promise<void> {
  while (!over) {
    await pause(between(2000, 7000));
    if (over) return;
    await app.kill();
    counts.kills += 1;
    app = await startWhenever();
  }
}

/** The database may be away at that very moment: then a start fails, as it should, and is tried again. */
async function startWhenever(): Promise<App> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (over) throw error;
      await pause(500);
    }
  }
}

async function restartDatabase(): Promise<void> {
  while (!over) {
    await pause(between(5000, 10_000));
    if (over) return;
    await postgres.stop();
    postgres = await startPostgres();
    counts.databaseRestarts += 1;
  }
}

/** All that was asked for is settled as GitHub shows it; then there is peace, and the rest may come to its end. */
async function waitForTheEnd(): Promise<void> {
  const done = () =>
    issues.filter(({ name, number }) =>
      github
        .botComments(name, number)
        .some(({ body }) => /\*\*(Done|Draft|Failed|Stopped|No pull request)/.test(body)),
    ).length;
  const end = Date.now() + settleMs;
  for (let shown = -1; issues.length < issueCount || done() < issueCount; ) {
    if (Date.now() > end) break;
    if (done() !== shown) {
      shown = done();
      console.log(`chaos: ${shown} of ${issueCount} settled after ${counts.kills} kills`);
    }
    await pause(500);
  }
  over = true;
}
