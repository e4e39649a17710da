// Runs the main job on a real repository: the app, its Postgres, git, the sandbox, the installs and the tests are real;
// GitHub is the local one, and the model's replies come from a file. docs/tried-repositories.md tells how to write it.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import { ScriptedTurn, startScriptedModel } from '../scripted-model/scripted-model.js';
import { startEmbeddedPostgres } from '../src/database/connection/embedded-postgres.js';
import { readEvents } from '../src/database/run-events.js';
import { listRuns } from '../src/database/runs.js';
import type { Outcome } from '../src/runs/outcome.js';
import type { RecordedEvent } from '../src/runs/run-event.js';
import { settingsPath } from '../src/task/settings.js';
import { type App, appEnvironment, startApp, webhookSecret } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';

const Trial = z.strictObject({
  /** Where the work starts: the default branch ends at this commit. */
  commit: z.string().regex(/^[0-9a-f]{7,40}$/, 'a commit id'),
  /** Text of .github/pullwright.yml, as the repository's people would add it; none if absent. */
  settings: z.string().optional(),
  issue: z.strictObject({ title: z.string().min(1), body: z.string() }),
  turns: z.array(ScriptedTurn).min(1),
});
type Trial = z.infer<typeof Trial>;

const usage = 'usage: npm run try-repository -- <git dir> <conversation>';
const name = 'tried/repository';
const maintainer = 'ada';

class BadArgument extends Error {}

try {
  const [gitDir, file, ...more] = process.argv.slice(2);
  if (!gitDir || !file || more.length > 0)
    throw new BadArgument(`expected a git directory and a conversation file\n${usage}`);
  await checkGitDir(gitDir);
  process.exitCode = await tryRepository(path.resolve(gitDir), await readTrial(file));
} catch (error) {
  if (!(error instanceof BadArgument)) throw error;
  console.error(`try-repository: ${error.message}`);
  process.exitCode = 64;
}

/** @returns the exit code: 0 for a pull request that is no draft */
async function tryRepository(gitDir: string, trial: Trial): Promise<number> {
  const folder = await createTemporaryFolder();
  const home = path.join(folder.path, 'home');
  const [github, model] = await Promise.all([
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
  ]);
  let app: App | undefined;
  try {
    await github.createRepository(name, {
      from: gitDir,
      commit: trial.commit,
      defaultBranch: 'main',
      ...(trial.settings && { files: { [settingsPath]: trial.settings } }),
    });
    github.setRole(name, maintainer, 'maintain');
    model.script({ when: trial.issue.title, turns: trial.turns });
    app = await startApp({ ...givenSettings(), ...appEnvironment(github, model, home) });
    github.setWebhook(app.webhookUrl, webhookSecret);
    const number = await github.openIssue(name, { ...trial.issue, author: maintainer });
    await github.label(name, number, 'backend', maintainer);
    const outcome = await follow(app, path.join(home, 'postgres'), github, number);
    printOutcome(github, number, outcome);
    const violations = [...github.violations, ...model.violations];
    for (const violation of violations) console.log(`violation: ${violation}`);
    return outcome.kind === 'pull-request' && violations.length === 0 ? 0 : 1;
  } finally {
    await app?.stop();
    await Promise.all([github.stop(), model.stop()]);
    await folder.remove();
  }
}

/** Toolchains and hosts that the repository needs are named as for the app (docs/configuration.md). */
function givenSettings(): Record<string, string> {
  const given = Object.entries(process.env).filter(([setting]) => /^(SANDBOX|EGRESS)/.test(setting));
  return Object.fromEntries(given.map(([setting, value]) => [setting, value ?? '']));
}

async function checkGitDir(gitDir: string): Promise<void> {
  for (const objects of [path.join(gitDir, 'objects'), path.join(gitDir, '.git', 'objects')])
    if (await isThere(objects)) return;
  throw new BadArgument(`expected a git directory, bare or with a .git in it; found none at ${gitDir}`);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function readTrial(file: string): Promise<Trial> {
  if (!(await isThere(file))) throw new BadArgument(`expected a conversation file; there is none at ${file}`);
  try {
    return Trial.parse(parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError) throw new BadArgument(`${file}:\n${z.prettifyError(error)}`);
    if (error instanceof YAMLParseError) throw new BadArgument(`${file}: ${error.message}`);
    throw error;
  }
}

/** Prints what the run does, with the seconds since it was asked for, until it is settled. */
async function follow(app: App, postgres: string, github: LocalGitHub, number: number): Promise<Outcome> {
  // The app's own server, which runs already: its address is all that is wanted.
  const { url } = await startEmbeddedPostgres(postgres);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // When the app stops its server, this connection goes with it.
  pool.on('error', () => {});
  let shown = 0;
  try {
    for (;;) {
      if (app.process.exitCode !== null)
        throw new Error(`the app ended by itself:\n${app.log.slice(-30).join('\n')}`);
      const [run] = await listRuns(pool, 1);
      if (run) {
        const events = await readEvents(pool, run.id);
        for (const event of events.slice(shown)) console.log(describeEvent(event, run.createdAt));
        shown = events.length;
        if (run.outcome) return run.outcome;
      } else {
        const refusal = github.botComments(name, number)[0]?.body;
        if (refusal) throw new Error(`there is no run; the bot says:\n${refusal}`);
      }
      await pause(200);
    }
  } finally {
    await pool.end();
  }
}

function describeEvent({ at, event }: RecordedEvent, since: Date): string {
  const { type, ...rest } = event;
  const seconds = ((at.getTime() - since.getTime()) / 1000).toFixed(1);
  return `${seconds.padStart(7)} s  ${type.padEnd(12)}  ${JSON.stringify(rest).slice(0, 400)}`;
}

function printOutcome(github: LocalGitHub, number: number, outcome: Outcome): void {
  const [pullRequest] = github.pullRequests(name);
  if (pullRequest) {
    const { title, body, pull } = pullRequest;
    console.log(`\n# ${title}${pull.draft ? ' (draft)' : ''}\n\n${body}`);
  }
  for (const { name: check, conclusion, output } of github.checkRuns(name))
    console.log(`\ncheck run: ${check}: ${conclusion}: ${output?.title}`);
  if (!pullRequest) for (const { body } of github.botComments(name, number)) console.log(`\n${body}`);
  console.log(`\nsettled: ${JSON.stringify(outcome)}`);
}
