// `npm run try-repository`: shows how Pullwright sets up and tests a repository. With a conversation file, it
// also turns an issue of the repository into a pull request. The app, Postgres, git, the sandbox, the
// installation and the tests are real. The local GitHub replaces GitHub, and the model's replies come from
// the file. docs/tried-repositories.md explains the format of that file.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
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
import { planRepository } from './plan-repository.js';

const Trial = z.strictObject({
  /** Id of the commit that becomes the head of the default branch. */
  commit: z.string().regex(/^[0-9a-f]{7,40}$/, 'a commit id'),
  /** Content of .github/pullwright.yml. If absent, the repository does not get this file. */
  settings: z.string().optional(),
  issue: z.strictObject({ title: z.string().min(1), body: z.string() }),
  turns: z.array(ScriptedTurn).min(1),
});
type Trial = z.infer<typeof Trial>;

const usage =
  'usage: npm run try-repository -- <git dir> [<conversation> | --commit <commit> --programs <folder>]';
const name = 'tried/repository';
const maintainer = 'ada';

class ArgumentError extends Error {}

try {
  const { positionals, values } = readArguments();
  const [gitDir, file, ...more] = positionals;
  if (!gitDir || more.length > 0 || (file && Object.keys(values).length > 0))
    throw new ArgumentError(`expected a git directory, and either a conversation file or options\n${usage}`);
  await checkGitDir(gitDir);
  process.exitCode = file
    ? await tryRepository(path.resolve(gitDir), await readTrial(file))
    : await planRepository({
        gitDir: path.resolve(gitDir),
        commit: values.commit ?? 'HEAD',
        environment: inheritVariables(),
        home: values.programs ?? null,
        print: (line) => console.log(line),
      });
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  console.error(`try-repository: ${error.message}`);
  process.exitCode = 64;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { commit: { type: 'string' }, programs: { type: 'string' } },
    });
  } catch (error) {
    throw new ArgumentError(`${(error as Error).message}\n${usage}`);
  }
}

/**
 * Runs one trial.
 * @returns the exit code: 0 if the run ended with a pull request that is not a draft, and without violations;
 * otherwise 1
 */
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
    app = await startApp({ ...inheritVariables(), ...appEnvironment(github, model, home) });
    github.setWebhook(app.webhookUrl, webhookSecret);
    const number = await github.openIssue(name, { ...trial.issue, author: maintainer });
    await github.label(name, number, 'backend', maintainer);
    const outcome = await followRun(app, path.join(home, 'postgres'), github, number);
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

/**
 * Selects the operator's settings for toolchains and network hosts from the environment. Some repositories
 * need these settings, which docs/configuration.md describes.
 */
function inheritVariables(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => /^(SANDBOX|EGRESS)/.test(name));
  return Object.fromEntries(inherited.map(([name, value]) => [name, value ?? '']));
}

async function checkGitDir(gitDir: string): Promise<void> {
  for (const objects of [path.join(gitDir, 'objects'), path.join(gitDir, '.git', 'objects')])
    if (await exists(objects)) return;
  throw new ArgumentError(`expected a git repository, bare or not; found none at ${gitDir}`);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function readTrial(file: string): Promise<Trial> {
  if (!(await exists(file))) throw new ArgumentError(`expected a conversation file; found none at ${file}`);
  try {
    return Trial.parse(parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError) throw new ArgumentError(`${file}:\n${z.prettifyError(error)}`);
    if (error instanceof YAMLParseError) throw new ArgumentError(`${file}: ${error.message}`);
    throw error;
  }
}

/**
 * Prints the events of the run until it ends. Each line begins with the seconds since the creation of the
 * run.
 */
async function followRun(app: App, postgres: string, github: LocalGitHub, number: number): Promise<Outcome> {
  // The app has already started this Postgres server. The call only returns its URL.
  const { url } = await startEmbeddedPostgres(postgres);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // Ignore the error of an idle connection, which breaks when the app stops its Postgres server.
  pool.on('error', () => {});
  let printed = 0;
  try {
    for (;;) {
      if (app.process.exitCode !== null)
        throw new Error(`the app ended unexpectedly:\n${app.log.slice(-30).join('\n')}`);
      const [run] = await listRuns(pool, 1);
      if (run) {
        const events = await readEvents(pool, run.id);
        for (const event of events.slice(printed)) console.log(describeEvent(event, run.createdAt));
        printed = events.length;
        if (run.outcome) return run.outcome;
      } else {
        const refusal = github.botComments(name, number)[0]?.body;
        if (refusal) throw new Error(`no run was started; the bot says:\n${refusal}`);
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
  console.log(`\noutcome: ${JSON.stringify(outcome)}`);
}
