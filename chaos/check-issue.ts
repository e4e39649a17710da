import type pg from 'pg';
import type { ChaosIssue } from './chaos-issue.js';
import { type Findings, noFindings } from './findings.js';
import type { ChaosWorld } from './start-chaos-world.js';

/** Reads what GitHub and the database hold of one issue, by no code of the product's. */
export async function checkIssue(world: ChaosWorld, client: pg.Client, issue: ChaosIssue): Promise<Findings> {
  const { github } = world;
  const { name, number } = issue;
  const findings = noFindings();
  const fault = (what: string) => findings.faults.push(`${name}#${number} ${what}`);

  const pulls = github.pullRequests(name).filter(({ pull }) => pull.head === branchOf(issue));
  const comments = github.botComments(name, number);
  const progress = comments.filter(({ body }) => body.includes('<!-- pullwright:progress -->'));
  const said = progress[0]?.body.split('\n')[0] ?? 'nothing';
  findings.pullRequests = pulls.length;
  if (pulls.length === 0 || progress.length === 0) {
    findings.lost += 1;
    fault(
      `has ${pulls.length} pull requests and ${progress.length} progress comments; the bot says: ${said}`,
    );
  }
  if (pulls.length > 1 || progress.length > 1) {
    findings.doubled += 1;
    fault(`has ${pulls.length} pull requests and ${progress.length} progress comments`);
  }
  for (const { body } of comments.filter((comment) => !progress.includes(comment)))
    fault(`has a comment that nobody needs: ${body.slice(0, 200)}`);
  if (progress.length > 0 && !said.startsWith('**Done:**')) fault(`is not done; the bot says: ${said}`);
  if (pulls[0]?.pull.draft) fault('has a draft');
  const { labels } = github.state.issue(github.state.repository(name), number);
  if (labels.length > 0) fault('still has its label');

  if (pulls.length > 0) await checkBranch(world, issue, findings, fault);
  await checkRuns(client, issue, findings, fault);
  await countBoughtTwice(world, client, issue, findings, fault);
  return findings;
}

function branchOf({ number }: ChaosIssue): string {
  return `pullwright/issue-${number}`;
}

/** One commit that changes what it should, to the byte, with one check run on it. */
async function checkBranch(
  { github }: ChaosWorld,
  issue: ChaosIssue,
  findings: Findings,
  fault: (what: string) => void,
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
  if (checks.length > 1) findings.doubled += 1;
  if (checks.length === 0) findings.lost += 1;
  if (checks.length !== 1) fault(`has ${checks.length} check runs on its head`);
}

/** It was asked for once: one run, that ended with a pull request. */
async function checkRuns(
  client: pg.Client,
  { name, number }: ChaosIssue,
  findings: Findings,
  fault: (what: string) => void,
): Promise<void> {
  const { rows: runs } = await client.query<{
    status: string;
    outcome: { kind: string; reason?: unknown } | null;
  }>('select status, outcome from pullwright.runs where repository = $1 and issue_number = $2', [
    name,
    number,
  ]);
  if (runs.length > 1) {
    findings.doubled += 1;
    fault(`has ${runs.length} runs`);
  }
  for (const { status, outcome } of runs)
    if (outcome?.kind !== 'pull-request')
      fault(`has a run that is ${status}, with ${JSON.stringify(outcome)}, expected a pull request`);
}

/** A reply that is in Postgres is never asked for again. */
async function countBoughtTwice(
  { model }: ChaosWorld,
  client: pg.Client,
  { name, number, title, turns }: ChaosIssue,
  findings: Findings,
  fault: (what: string) => void,
): Promise<void> {
  const { rows: replies } = await client.query<{ at: string }>(
    `select completed_at_epoch_ms as at
     from dbos.operation_outputs join pullwright.runs on runs.id::text = workflow_uuid
     where function_name = 'ask' and error is null and repository = $1 and issue_number = $2
     order by workflow_uuid, function_id`,
    [name, number],
  );
  if (replies.length !== turns) fault(`has ${replies.length} stored replies for ${turns} turns`);
  const requests = model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title));
  for (const [turn, { at }] of replies.slice(0, turns).entries()) {
    const again = requests.filter(
      ({ body, at: askedAt }) =>
        askedAt > Number(at) && body.messages.filter(({ role }) => role === 'assistant').length === turn,
    );
    findings.boughtTwice += again.length;
    if (again.length > 0)
      fault(`asked for its reply ${turn + 1} again, ${again.length} times, after it was stored`);
  }
}
