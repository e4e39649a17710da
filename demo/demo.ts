// `npm run demo`: turns an issue of a small shop into a reviewed pull request while you watch.
import { describeOutcome } from '../src/cli/describe-run.js';
import type { Run } from '../src/runs/run.js';
import type { RecordedEvent } from '../src/runs/run-event.js';
import { followRun } from './follow-run.js';
import { renderMarkdown } from './render-markdown.js';
import { reviewPullRequest } from './review-pull-request.js';
import { labelShopIssue, openShopIssue, repository } from './shop-issue.js';
import { formatSeconds, showEvent } from './show-event.js';
import { describeCost, showPullRequest } from './show-pull-request.js';
import { showThreads } from './show-threads.js';
import { type DemoWorld, startDemoWorld } from './start-demo-world.js';
import { openTerminal, removeControlCharacters, wrap } from './terminal.js';

const usage =
  'usage: npm run demo [-- --keep]   --keep keeps everything running until you press Ctrl-C, so that you can look around';

const options = process.argv.slice(2);
const unknown = options.find((option) => !['--keep', '--help', '-h'].includes(option));
if (unknown !== undefined) {
  console.error(`demo: expected --keep or --help; found "${unknown}"`);
  process.exit(64);
}
if (options.some((option) => option === '--help' || option === '-h')) {
  console.log(usage);
  process.exit(0);
}

const terminal = openTerminal(process.stdout, process.env);
const { print, bold, dim, green, red } = terminal;
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));
// When the reader of a pipe exits (`npm run demo | head`), stop the demo, so that it deletes its files.
process.stdout.on('error', () => interruption.abort(new Error('the output was closed')));

process.exitCode = await runDemo(options.includes('--keep'));

/** @returns the exit code: 0 when the demo succeeded */
async function runDemo(keep: boolean): Promise<number> {
  printIntroduction();
  let world: DemoWorld | null = null;
  let code = 1;
  try {
    printHeading('Starting');
    world = await startDemoWorld(process.env);
    interruption.signal.throwIfAborted();
    printParagraph(
      `The local GitHub runs at ${world.github.url}. \`pullwright start\` listens on port ${world.app.port}.`,
    );
    code = await playDemo(world);
    if (keep) await waitForInterruption(world);
  } catch (error) {
    if (!interruption.signal.aborted) printFailure(messageOf(error), world);
    else if (code !== 0) code = 130;
  } finally {
    if (world) {
      print();
      print(dim('Stopping everything and deleting its files.'));
      try {
        await world.close();
      } catch (error) {
        printFailure(messageOf(error), world);
        code = 1;
      }
    }
  }
  return code;
}

function printIntroduction(): void {
  const source = process.env.ANTHROPIC_API_KEY
    ? `the model is ${bold('Claude')}, because ANTHROPIC_API_KEY is set.`
    : `the model's replies are ${bold('recorded')} (demo/conversation.yml). Set ANTHROPIC_API_KEY to use Claude instead.`;
  printParagraph(
    `${bold('Pullwright demo.')} An issue of a small shop becomes a reviewed pull request. The app, Postgres, git, the sandbox and the shop's tests are real. GitHub is a local double, and ${source}`,
  );
}

/**
 * Plays all steps of the demo.
 * @returns the exit code
 */
async function playDemo(world: DemoWorld): Promise<number> {
  const { github } = world;
  const issue = await openShopIssue(github);
  printHeading(`The issue: ${repository}#${issue.number}, by grace`);
  printIndented([bold(issue.title), '', ...renderMarkdown(issue.body, terminal, terminal.width - 2)]);

  printHeading('The run: ada, a maintainer, adds the label `backend`');
  await labelShopIssue(github, issue.number);
  const show = (event: RecordedEvent, run: Run) => showEvent(event, run, terminal);
  const first = await followRun(world, null, interruption.signal, show);
  const pull = github.pullRequests(repository)[0];
  if (!pull) {
    printFailure(`the run ended without a pull request: ${explain(first.run)}`, world);
    return 1;
  }
  printHeading(`The pull request: ${repository}#${pull.number}`);
  await showPullRequest(world, repository, pull, terminal);

  printHeading('The review: ada requests two changes in one review');
  await reviewPullRequest(world, repository, pull);
  showThreads(world, repository, pull.number, terminal);
  printHeading('The second run: the agent works on the review');
  const second = await followRun(world, first.run.id, interruption.signal, show);
  printHeading('The replies: one in each thread, plus a commit');
  showThreads(world, repository, pull.number, terminal);
  printHeading(`The updated pull request: ${repository}#${pull.number}`);
  await showPullRequest(world, repository, github.pullRequests(repository)[0] ?? pull, terminal);

  const faults = findFaults(world, first.run, second.run);
  if (faults.length > 0) {
    printFailure(faults.join('\n'), world);
    return 1;
  }
  printHeading('Done');
  printParagraph(
    `${green('✓')} From label to pull request in ${formatDuration(first.run)}; from review to replies in ${formatDuration(second.run)}. ${describeCost([...first.events, ...second.events], world.recording !== null)}`,
  );
  printParagraph(
    'Read on in README.md. docs/architecture.md explains the terms; src/workflows/implement-issue/implement-issue.ts is this flow in code; demo/conversation.yml contains the recorded replies.',
  );
  printParagraph(
    '`npm run demo -- --keep` keeps everything running afterwards, so that you can look around.',
  );
  return 0;
}

/**
 * Finds faults in the result of the demo. Most checks apply only to the recorded replies, because Claude may
 * decide differently.
 */
function findFaults({ github, recording }: DemoWorld, first: Run, second: Run): string[] {
  const faults = github.violations.map((violation) => `GitHub would have rejected this: ${violation}`);
  if (!recording) return faults;
  if (first.outcome?.kind === 'draft') faults.push('the pull request is a draft');
  if (second.outcome?.kind !== 'pull-request') faults.push(`the review was not answered: ${explain(second)}`);
  faults.push(
    ...recording.violations.map((violation) => `the request differs from the recording: ${violation}`),
  );
  return faults;
}

function explain({ outcome }: Run): string {
  return outcome ? describeOutcome(outcome) : 'it has no outcome';
}

async function waitForInterruption({ github }: DemoWorld): Promise<void> {
  printHeading('Everything is still running. Press Ctrl-C to stop it and delete its files.');
  const issues = github.state.repository(repository).issues;
  printIndented(
    issues.map(
      ({ number, pull, title }) =>
        `${github.url}/${repository}/${pull ? 'pull' : 'issues'}/${number}  ${title}`,
    ),
  );
  const { signal } = interruption;
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function printFailure(reason: string, world: DemoWorld | null): void {
  printHeading(red('The demo failed'));
  printIndented(removeControlCharacters(reason).split('\n'));
  const log = world?.app.log.slice(-15) ?? [];
  if (log.length > 0)
    printIndented(['', 'The last lines of the app:', ...log.map(readLogLine).map(removeControlCharacters)]);
}

/** Formats a log line of the app. The app logs JSON, but Node.js itself writes plain text. */
function readLogLine(line: string): string {
  if (!line.startsWith('{')) return line;
  const { time, msg, reason, err } = JSON.parse(line);
  return [new Date(time).toISOString().slice(11, 23), msg, reason, err?.message].filter(Boolean).join('  ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function formatDuration({ createdAt, settledAt }: Run): string {
  return formatSeconds((settledAt ?? new Date()).getTime() - createdAt.getTime());
}

function printHeading(text: string): void {
  print();
  print(bold(`● ${text}`));
}

function printParagraph(text: string): void {
  for (const line of wrap(text, terminal.width, '  ')) print(line);
}

function printIndented(lines: readonly string[]): void {
  for (const line of lines) print(`  ${line}`);
}
