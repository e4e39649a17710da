// `npm run demo`: an issue of a small shop becomes a reviewed pull request, on this machine, before your eyes.
import type { Outcome } from '../src/runs/outcome.js';
import { followRun } from './follow-run.js';
import { renderMarkdown } from './render-markdown.js';
import { reviewPullRequest, showThreads } from './review.js';
import { labelShopIssue, openShopIssue, repository } from './shop-issue.js';
import { seconds, showEvent } from './show-events.js';
import { describeCost, showPullRequest } from './show-pull-request.js';
import { openStage, type Stage } from './stage.js';
import { harmless, openTerminal, wrap } from './terminal.js';

const usage = 'usage: npm run demo [-- --keep]   --keep leaves everything up to look at, until Ctrl-C';

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
// A pipe whose reader has gone (`npm run demo | head`): clean up and end, in place of ending at once.
process.stdout.on('error', () => interruption.abort(new Error('nobody reads this any more')));

process.exitCode = await runDemo(options.includes('--keep'));

/** @returns the exit code: 0 when there is a pull request to review */
async function runDemo(keep: boolean): Promise<number> {
  const speaker = process.env.ANTHROPIC_API_KEY ? 'Claude' : 'a recorded conversation';
  say(
    `${bold('Pullwright demo.')} An issue of a small shop becomes a reviewed pull request. The app, Postgres, git, the sandbox and the shop's tests are real; GitHub is a local double, and the agent's words come from ${bold(speaker)}${speaker === 'Claude' ? ' (ANTHROPIC_API_KEY is set)' : ' (demo/conversation.yml); set ANTHROPIC_API_KEY to ask Claude'}.`,
  );
  let stage: Stage | null = null;
  let code = 1;
  try {
    head('Starting');
    stage = await openStage(process.env);
    interruption.signal.throwIfAborted();
    say(
      `local GitHub at ${stage.github.url}, \`pullwright start\` behind its webhook on port ${stage.app.port}`,
    );
    code = await tellStory(stage);
    if (keep) await keepUp(stage);
  } catch (error) {
    if (!interruption.signal.aborted) explain(error instanceof Error ? error.message : String(error), stage);
    else if (code !== 0) code = 130;
  } finally {
    if (stage) {
      print();
      print(dim('Stopping everything and removing its files.'));
      try {
        await stage.close();
      } catch (error) {
        explain(String(error), stage);
        code = 1;
      }
    }
  }
  return code;
}

/** From the issue to the pull request, and from its review to the next commit. */
async function tellStory(stage: Stage): Promise<number> {
  const { github, recording, app } = stage;
  const issue = await openShopIssue(github);

  head(`The issue: ${repository}#${issue.number}, by grace`);
  indent([bold(issue.title), '', ...renderMarkdown(issue.body, terminal, terminal.width - 2)]);

  head('The run: ada, who maintains the shop, puts the label `backend` on the issue');
  await labelShopIssue(github, issue.number);
  const follow = (before: string | null) =>
    followRun(stage, before, interruption.signal, (event, since) => showEvent(event, since, terminal));
  const first = await follow(null);

  const { outcome } = first.run;
  const opened = outcome?.kind === 'pull-request' || outcome?.kind === 'draft' ? outcome : null;
  const findPull = () => github.pullRequests(repository).find((one) => one.number === opened?.number);
  const pull = findPull();
  let second: typeof first | null = null;
  if (pull) {
    head(`The pull request: ${repository}#${pull.number}`);
    await showPullRequest(stage, repository, pull, terminal);

    head('The review: ada asks for two things, in one review');
    await reviewPullRequest(stage, repository, pull);
    showThreads(stage, repository, pull.number, terminal);
    second = await follow(first.run.id);
    head('The answers: in every thread, and in one more commit');
    showThreads(stage, repository, pull.number, terminal);
    head(`The pull request now: ${repository}#${pull.number}`);
    await showPullRequest(stage, repository, findPull() ?? pull, terminal);
  }

  const faults = [
    ...(pull ? [] : [`the run ended without a pull request: ${describeOutcome(outcome)}`]),
    ...(recording && opened?.kind === 'draft' ? ['the pull request is a draft'] : []),
    ...(recording && second && second.run.outcome?.kind !== 'pull-request'
      ? [`the review was not answered: ${describeOutcome(second.run.outcome)}`]
      : []),
    ...github.violations.map((fault) => `GitHub would not have taken this: ${fault}`),
    ...(recording?.violations ?? []).map((fault) => `the model was not asked as recorded: ${fault}`),
  ];
  if (faults.length > 0) {
    explain(faults.join('\n'), stage);
    return 1;
  }
  head('Done');
  const took = ({ run }: typeof first) =>
    seconds((run.settledAt ?? new Date()).getTime() - run.createdAt.getTime());
  const cost = describeCost([...first.events, ...(second?.events ?? [])]);
  say(
    `${green('✓')} From label to pull request in ${took(first)}${second ? `, from review to answers in ${took(second)}` : ''}. ${cost}${recording ? ' had Claude said it; the recording cost nothing' : ''}.`,
  );
  say(
    'Where to look next: README.md; docs/architecture.md for the words and the order; src/flows/implement-issue.ts and answer-review.ts, which are this story as code; demo/conversation.yml, what the agent said.',
  );
  say(`The app logged ${app.log.length} lines. \`npm run demo -- --keep\` leaves everything up to look at.`);
  return 0;
}

function describeOutcome(outcome: Outcome | null): string {
  if (!outcome) return 'it has no outcome';
  const why = 'questions' in outcome ? outcome.questions : 'reason' in outcome ? outcome.reason : '';
  return `${outcome.kind}: ${why}`;
}

async function keepUp({ github }: Stage): Promise<void> {
  head('Everything is up. Ctrl-C stops it and removes its files');
  const issues = github.state.repository(repository).issues;
  indent(
    issues.map(
      ({ number, pull, title }) =>
        `${github.url}/${repository}/${pull ? 'pull' : 'issues'}/${number}  ${title}`,
    ),
  );
  const { signal } = interruption;
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** What went wrong, with the app's last words. */
function explain(what: string, stage: Stage | null): void {
  head(red('It went wrong'));
  indent(harmless(what).split('\n'));
  const log = stage?.app.log.slice(-15) ?? [];
  if (log.length > 0) indent(['', 'The last lines of the app:', ...log.map(readLogLine).map(harmless)]);
}

/** The app logs JSON; what Node itself says is plain. */
function readLogLine(line: string): string {
  if (!line.startsWith('{')) return line;
  const { time, msg, reason, err } = JSON.parse(line);
  return [new Date(time).toISOString().slice(11, 23), msg, reason, err?.message].filter(Boolean).join('  ');
}

function head(text: string): void {
  print();
  print(bold(`● ${text}`));
}

function say(text: string): void {
  for (const line of wrap(text, terminal.width, '  ')) print(line);
}

function indent(lines: readonly string[]): void {
  for (const line of lines) print(`  ${line}`);
}
