import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../../support/find-processes.js';
import {
  minimalProject,
  minimalProjectWith,
  runAndSubmit,
  solveMinimalProject,
} from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** The file of the minimal project, on the bot's branch. */
const greetingOf = ({ name, number }: { name: string; number: number }) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

describe('/stop', () => {
  test.each(['/stop', '/stop keep'])(
    '%s immediately ends a run that waits for the model',
    async (command) => {
      const issue = await world.prepareIssue({
        files: minimalProject,
        turns: [
          { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
          ...solveMinimalProject,
        ],
      });
      const { run, release } = await world.labelAndHold(issue);
      world.model.failNext({ when: issue.title, status: 529, headers: { 'retry-after': '900' } });
      release();
      await run.says('Waiting:');
      await world.comment(issue, command);
      const { outcome } = await run.settled(60_000);
      expect(outcome.kind).toBe(command === '/stop' ? 'stopped' : 'draft');
    },
  );

  test('immediately ends a run that waits for GitHub before its first step', async () => {
    const { github, model } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const requests = model.requests.length;
    const path = new RegExp(`^/repos/${issue.name}/issues/${issue.number}/labels/`);
    github.failNext({ method: 'DELETE', path, status: 502, headers: { 'retry-after': '900' }, times: 5 });
    const run = await (await world.label(issue)).run();
    await run.event('waiting');
    await world.comment(issue, '/stop');
    expect((await run.settled(60_000)).outcome.kind).toBe('stopped');
    expect(model.requests).toHaveLength(requests);
  });

  test('ends a run while the model answers, names who stopped it, and pushes nothing', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    await world.comment(issue, '/stop');
    const { outcome } = await run.settled();
    release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped the run.' });
    await run.says(/Stopped:.. @ada stopped the run/);
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('ends a running command', async () => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: 'sleep 1000' }]] }],
    });
    const run = await (await world.label(issue)).run();
    expect(await run.says('on turn 1')).toContain(
      "The agent's latest note: I compare what is new with the task",
    );
    await world.comment(issue, '/stop');
    const { outcome } = await run.settled();
    expect(outcome.kind).toBe('stopped');
    expect(await run.says('Stopped:')).not.toContain('latest note');
  });

  test('with keep opens a draft with the work so far, which says who stopped it', async () => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
      ],
    });
    const { run, release } = await world.labelAndHold(issue, 2);
    await world.comment(issue, '/stop keep');
    const { outcome } = await run.settled();
    release();
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: ['The run was stopped before the agent finished its work: @ada stopped the run.'],
    });
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });

  test('without keep overrides an earlier /stop keep', async () => {
    const issue = await world.prepareIssue({
      files: minimalProjectWith("test: 'if grep --quiet Ada greeting.txt; then sleep 65.02; fi'"),
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, { calls: [] }],
    });
    const { run, release } = await world.labelAndHold(issue, 2);
    await world.comment(issue, '/stop keep');
    await waitFor(
      'the tests to run on the change',
      world,
      async () => (await findProcesses('sleep\u000065.02')).length > 0,
    );
    await world.comment(issue, '/stop');
    release();
    expect((await run.settled()).outcome).toEqual({ kind: 'stopped', reason: '@ada stopped the run.' });
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('ends a queued run at once, and says so when no run is in progress', async () => {
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    const status = await world.comment(second, '/status');
    await status.reply(/Queued:\*\* (?:1 run is|next in).* \[Details\]/);
    await world.comment(second, '/stop');
    expect((await waiting.settled()).outcome.kind).toBe('stopped');
    await waiting.says(/Stopped:.. @ada stopped the run/);
    const again = await world.comment(second, '/stop');
    await again.reply('No run is in progress here');
    going.release();
    expect((await going.run.settled()).outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(second.name)).toEqual([]);
  });

  test('from someone without write access is refused, and the run continues', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    world.github.setRole(issue.name, 'mallory', 'read');
    const { run, release } = await world.labelAndHold(issue);
    const stop = await world.comment(issue, '/stop', 'mallory');
    await stop.reply('@mallory, I did not do this: @mallory does not have write access');
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
  });
});

describe('the reason for a run disappears', () => {
  test('closing the issue ends the run', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    await world.close(issue);
    const { outcome } = await run.settled();
    release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the issue.' });
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('removing its label ends a queued run; removing another label does not', async () => {
    const { github } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    await world.label(second, 'bug');
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    await github.unlabel(second.name, second.number, 'bug', 'ada');
    const status = await world.comment(second, '/status');
    await status.reply(/ahead of this one\. \[Details\]\(/);
    await github.unlabel(second.name, second.number, 'backend', 'ada');
    expect((await waiting.settled()).outcome).toEqual({
      kind: 'stopped',
      reason: '@ada removed the label backend.',
    });
    going.release();
    await going.run.settled();
  });

  test('a requester who lost write access before the start is refused', async () => {
    const { github, database } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    github.setRole(second.name, 'ada', 'read');
    // So long has it stood in line.
    await database.query(
      `update pullwright.runs set created_at = now() - interval '10 minutes' where repository = $1`,
      [second.name],
    );
    going.release();
    expect((await waiting.settled()).outcome).toEqual({
      kind: 'refusal',
      reason: { kind: 'write-access-lost', login: 'ada' },
    });
    await going.run.settled();
  });

  test('closing the pull request ends the run that answers a review', async () => {
    const issue = await runIssue(world, {
      files: minimalProject,
      turns: [...solveMinimalProject, ...runAndSubmit("echo 'good day' > greeting.txt")],
    });
    const pull = { name: issue.name, number: issue.pulls[0]?.number ?? 0 };
    const held = world.model.hold(2, issue.title);
    const review = await world.review(pull, { state: 'changes_requested', body: 'Say good day.' });
    await held.reached;
    await world.close(pull);
    const { outcome } = await review.settled();
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the pull request.' });
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });
});
