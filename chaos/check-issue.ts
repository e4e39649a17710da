import type pg from 'pg';
import { implementIssueSteps } from '../src/workflows/implement-issue/steps.js';
import type { ChaosIssue } from './chaos-issue.js';
import { type Findings, noFindings } from './findings.js';
import type { ChaosWorld } from './start-chaos-world.js';

/**
 * Checks the data about one issue on GitHub and in the database. Does not use the logic of the app, because
 * an error there could hide a fault.
 */
export async function checkIssue(world: ChaosWorld, client: pg.Client, issue: ChaosIssue): Promise<Findings> {
  const { github } = world;
  const { name, number } = issue;
  const findings = noFindings();
  const fault = (text: string) => findings.faults.push(`${name}#${number} ${text}`);

  const pulls = github.pullRequests(name).filter(({ pull }) => pull.head === branchOf(issue));
  const comments = github.botComments(name, number);
  const progress = comments.filter(({ body }) => body.includes('<!-- pullwright:progress -->'));
  const headline = progress[0]?.body.split('\n')[0] ?? 'nothing';
  findings.pullRequests = pulls.length;
  if (pulls.length === 0 || progress.length === 0) {
    findings.lost += 1;
    fault(
      `has ${pulls.length} pull requests and ${progress.length} progress comments; the bot says: ${headline}`,
    );
  }
  if (pulls.length > 1 || progress.length > 1) {
    findings.duplicated += 1;
    fault(`has ${pulls.length} pull requests and ${progress.length} progress comments`);
  }
  const endings = comments.filter(({ body }) => body.includes('<!-- pullwright:ended:'));
  if (new Set(endings.map(({ body }) => body)).size < endings.length) {
    findings.duplicated += 1;
    fault(`has ${endings.length} comments about ends, and some of them twice`);
  }
  for (const { body } of comments.filter((one) => !progress.includes(one) && !endings.includes(one)))
    fault(`has an unexpected comment: ${body.slice(0, 200)}`);
  if (progress.length > 0 && !headline.startsWith('**Done:**'))
    fault(`is not done; the bot says: ${headline}`);
  if (pulls[0]?.pull.draft) fault('has a draft pull request');
  const { labels } = github.state.issue(github.state.repository(name), number);
  if (labels.length > 0) fault('still has its label');

  if (pulls.length > 0) await checkBranch(world, issue, findings, fault);
  await checkRuns(client, issue, findings, fault);
  await countPaidTwice(world, client, issue, findings, fault);
  return findings;
}

function branchOf({ number }: ChaosIssue): string {
  return `pullwright/issue-${number}`;
}

/** Checks that the branch has exactly one commit, only the expected changes, and one check run. */
async function checkBranch(
  { github }: ChaosWorld,
  issue: ChaosIssue,
  findings: Findings,
  fault: (text: string) => void,
): Promise<void> {
  const git = async (...args: string[]) => (await github.git(issue.name, args)).trim();
  const headOf = (branch: string) => git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
  const { defaultBranch } = github.state.repository(issue.name);
  const [base, head] = await Promise.all([headOf(defaultBranch), headOf(branchOf(issue))]);
  if (!base || !head) return fault(`has a pull request without its branch ${branchOf(issue)}`);
  const commits = Number(await git('rev-list', '--count', `${base}..${head}`));
  if (commits !== 1) fault(`has ${commits} commits on its branch, expected 1`);
  const changed = (await git('diff', '--name-only', base, head)).split('\n').filter(Boolean).sort();
  const expected = Object.keys(issue.changed).sort();
  if (changed.join() !== expected.join())
    fault(`changes ${changed.join(', ')}, expected ${expected.join(', ')}`);
  for (const [path, text] of Object.entries(issue.changed)) {
    const found = await github.readFile(issue.name, head, path);
    if (found !== text) fault(`has ${JSON.stringify(found)} in ${path}, expected ${JSON.stringify(text)}`);
  }
  const checks = github.checkRuns(issue.name).filter(({ headSha }) => headSha === head);
  if (checks.length > 1) findings.duplicated += 1;
  if (checks.length === 0) findings.lost += 1;
  if (checks.length !== 1) fault(`has ${checks.length} check runs on its head`);
}

/** Checks that the issue has exactly one run, and that it ended with a pull request. */
async function checkRuns(
  client: pg.Client,
  { name, number }: ChaosIssue,
  findings: Findings,
  fault: (text: string) => void,
): Promise<void> {
  const { rows: runs } = await client.query<{
    status: string;
    outcome: { kind: string; reason?: unknown } | null;
  }>('select status, outcome from pullwright.runs where repository = $1 and issue_number = $2', [
    name,
    number,
  ]);
  if (runs.length > 1) {
    findings.duplicated += 1;
    fault(`has ${runs.length} runs`);
  }
  for (const { status, outcome } of runs)
    if (outcome?.kind !== 'pull-request')
      fault(`has a ${status} run with the outcome ${JSON.stringify(outcome)}, expected a pull request`);
}

/**
 * Counts requests for replies that Postgres had already stored. The operator would pay for each of these
 * replies a second time.
 */
async function countPaidTwice(
  { model }: ChaosWorld,
  client: pg.Client,
  { name, number, title, turns }: ChaosIssue,
  findings: Findings,
  fault: (text: string) => void,
): Promise<void> {
  const { rows: replies } = await client.query<{ at: string }>(
    `select completed_at_epoch_ms as at
     from dbos.operation_outputs join pullwright.runs on runs.id::text = workflow_uuid
     where repository = $1 and issue_number = $2 and function_name = $3 and error is null
     order by workflow_uuid, function_id`,
    [name, number, implementIssueSteps.ask.name],
  );
  if (replies.length !== turns) fault(`has ${replies.length} stored replies, expected ${turns}`);
  const requests = model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title));
  for (const [turn, { at }] of replies.slice(0, turns).entries()) {
    const again = requests.filter(
      ({ body, at: askedAt }) =>
        askedAt > Number(at) && body.messages.filter(({ role }) => role === 'assistant').length === turn,
    );
    findings.paidTwice += again.length;
    if (again.length > 0)
      fault(`requested reply ${turn + 1} again, ${again.length} times, after it was stored`);
  }
}
