import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../scripted-model/scripted-model.js';
import {
  minimalProject,
  minimalProjectWith,
  runAndSubmit,
  solveMinimalProject,
  submitGreeting,
} from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '4' });
});

afterAll(() => world.stop());

describe('the model', () => {
  const passing: [string, Fault, string][] = [
    ['429 with a time to wait', { status: 429, headers: { 'retry-after': '1' } }, "the model's rate limit"],
    ['529', { status: 529 }, 'the model is overloaded (529)'],
    [
      'a page instead of JSON',
      { status: 500, headers: { 'content-type': 'text/html' }, body: '<html>oh</html>' },
      'the model answered with an error (500)',
    ],
    ['a stream that is cut', { cut: true }, "the model's reply was cut off"],
    ['an error in mid-stream', { errorEvent: 'overloaded_error' }, 'the model is overloaded (529)'],
    ['a tool call whose input was cut', { truncateInput: true }, 'the input of a tool call was cut off'],
  ];

  test('temporary errors are retried, and the run says what it waits for', async () => {
    const { model } = world;
    const results = await Promise.all(
      passing.map(async ([, fault]) => {
        const { run, outcome, pulls } = await runIssue(world, {
          files: minimalProject,
          turns: solveMinimalProject,
          before: ({ title }) => model.failNext({ ...fault, when: title }),
        });
        const waits = (await run.events()).filter(({ type }) => type === 'waiting');
        return { kind: outcome.kind, pulls: pulls.length, waits };
      }),
    );
    expect(results).toEqual(
      passing.map(([, , reason]) => ({
        kind: 'pull-request',
        pulls: 1,
        waits: expect.arrayContaining([expect.objectContaining({ reason: expect.stringContaining(reason) })]),
      })),
    );
  });

  test('a model that the API does not know fails the run', async () => {
    const body = { type: 'error', error: { type: 'not_found_error', message: 'model: claude-one' } };
    const { outcome, comment } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
      before: ({ title }) => world.model.failNext({ when: title, status: 404, body: JSON.stringify(body) }),
    });
    expect(outcome.kind).toBe('failed');
    expect(comment).toContain("The model's API does not know the model: claude-one.");
    expect(comment).toContain('`/retry` continues from where the run ended. `/implement` starts over.');
  });

  test('a conversation that is too long leads to a draft of the work so far', async () => {
    const { model } = world;
    const body = JSON.stringify({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'prompt is too long: 1200000 tokens > 1000000 maximum',
      },
    });
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }],
    });
    const held = model.hold(1, title);
    const asked = await world.label({ name, number });
    await held.reached;
    // Neither the conversation nor its summary nor what is left of it fits.
    model.failNext({ when: title, times: 3, status: 400, body });
    held.release();
    const { outcome } = await asked.settled();
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: [expect.stringContaining("the conversation no longer fits into the model's context")],
    });
    expect(world.github.pullRequests(name)).toMatchObject([{ pull: { draft: true } }]);
  });
});

describe('GitHub', () => {
  /** Runs a minimalProject issue with one fault on the way. */
  const runWith = (
    fault: (name: string) => Parameters<World['github']['failNext']>[0],
    turns = solveMinimalProject,
  ) =>
    runIssue(world, {
      files: minimalProject,
      turns,
      before: ({ name }) => world.github.failNext(fault(name)),
    });
  const settles = async (fault: (name: string) => Parameters<World['github']['failNext']>[0]) => {
    const { outcome, pulls, name, number } = await runWith(fault);
    const comments = world.github.botComments(name, number).length;
    return { kind: outcome.kind, pulls: pulls.length, comments };
  };
  // The progress comment, and the one that tells the requester of the end.
  const whole = { kind: 'pull-request', pulls: 1, comments: 2 };

  test('an effect whose response was lost is found, not repeated: one pull request, one comment of each kind, one check', async () => {
    const lost = { status: 502, afterEffect: true };
    const paths = (name: string) => [
      { method: 'POST', path: `/repos/${name}/pulls`, ...lost },
      { method: 'POST', path: `/repos/${name}/issues/1/comments`, ...lost },
      { method: 'POST', path: `/repos/${name}/issues/1/comments`, ...lost },
      { method: 'POST', path: `/repos/${name}/pulls/2/requested_reviewers`, ...lost },
      { method: 'POST', path: `/repos/${name}/check-runs`, ...lost },
      { method: 'DELETE', path: `/repos/${name}/issues/1/labels/backend`, ...lost },
      { path: `/${name}.git/git-receive-pack`, ...lost },
    ];
    const { name, outcome, pulls } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
      before: ({ name }) => {
        for (const fault of paths(name)) world.github.failNext(fault);
      },
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
    expect(world.github.botComments(name, 1)).toHaveLength(2);
    expect(world.github.checkRuns(name)).toHaveLength(1);
  });

  test('rate limits and temporary errors are waited out', async () => {
    const outcomes = await Promise.all([
      settles((name) => ({
        method: 'POST',
        path: `/repos/${name}/pulls`,
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      })),
      settles((name) => ({ method: 'POST', path: `/repos/${name}/pulls`, cut: true })),
      settles((name) => ({ path: `/${name}.git/info/refs`, status: 503 })),
      settles((name) => ({ path: `/repos/${name}/check-runs`, status: 401 })),
      settles((name) => ({ path: `/repos/${name}/issues/1/labels/backend`, status: 404 })),
    ]);
    expect(outcomes).toEqual([whole, whole, whole, whole, whole]);
  });

  test("a pull request that GitHub refuses fails the run with GitHub's message", async () => {
    const { outcome, comment, pulls } = await runWith((name) => ({
      method: 'POST',
      path: `/repos/${name}/pulls`,
      status: 422,
      body: { message: 'Validation Failed', errors: [{ message: 'No commits between main and x' }] },
    }));
    expect(outcome.kind).toBe('failed');
    expect(comment).toMatch(
      /\*\*Failed:\*\* GitHub refused a request to open the pull request: Validation Failed: .*No commits between main and x.* \(422\)/,
    );
    expect(pulls).toEqual([]);
  });

  test('a refused check run does not prevent the pull request', async () => {
    const outcome = await settles((name) => ({
      method: 'POST',
      path: `/repos/${name}/check-runs`,
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    }));
    expect(outcome).toEqual(whole);
  });

  test('a refused push fails the run and says what to check', async () => {
    const { outcome, comment } = await runWith((name) => ({
      path: `/${name}.git/git-receive-pack`,
      status: 403,
    }));
    expect(outcome.kind).toBe('failed');
    expect(comment).toContain('The repository could not be pushed to: GitHub refused (403)');
  });

  test('a branch that people pushed to during the run is not overwritten', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = model.hold(1, title);
    const asked = await world.label({ name, number });
    await held.reached;
    await github.commitFiles(name, {
      branch: 'pullwright/issue-1',
      files: { 'theirs.txt': 'theirs\n' },
      message: 'By hand',
      author: 'ada',
    });
    held.release();
    const { outcome } = await asked.settled();
    expect(outcome.kind).toBe('failed');
    expect(world.progress(name, number)).toContain('Someone else changed the branch pullwright/issue-1');
    expect(github.pullRequests(name)).toEqual([]);
    expect(await github.readFile(name, 'heads/pullwright/issue-1', 'theirs.txt')).toBe('theirs\n');
  });

  test('a progress comment that people delete during the run is written again once', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, number } = issue;
    const { run, release } = await world.labelAndHold(issue);
    github.state.issue(github.state.repository(name), number).comments = [];
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(world.progress(name, number)).toContain('**Done:**');
  });

  test('tokens that expire during a run are replaced', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    world.github.tokens.expireAll();
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
  });

  test('a fixed draft becomes ready and a broken pull request becomes a draft, with a token for that only', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProjectWith('test: sh check.sh'),
      turns: [...runAndSubmit('echo bye > greeting.txt'), { calls: [submitGreeting] }],
    });
    const draftAfter = async () => {
      await (await world.label({ name, number })).settled();
      return github.pullRequests(name).map(({ pull }) => pull.draft);
    };
    expect(await draftAfter()).toEqual([true]);
    model.script({ when: title, turns: solveMinimalProject });
    expect(await draftAfter()).toEqual([false]);
    const mintsFor = () =>
      github.requests.filter(
        ({ path, body }) =>
          path.endsWith('/access_tokens') &&
          (body as { permissions?: Record<string, string> }).permissions?.pull_requests === 'write' &&
          (body as { permissions?: Record<string, string> }).permissions?.contents === 'write',
      ).length;
    expect(mintsFor()).toBe(1);
  });

  test('a run sends each request to GitHub once, apart from updates of its progress comment', async () => {
    const { github } = world;
    const from = github.requests.length;
    const { name } = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    // Slow runs update their comment more often, and the requests for tokens depend on the runs before.
    const asked = github.requests
      .slice(from)
      .map(({ method, path }) => `${method} ${path}`.replace(/[0-9a-f]{40}/, '<commit>'))
      .filter((line) => line.includes(name) || line.includes('graphql'))
      .filter((line) => !/(?:GET|PATCH) .*\/comments/.test(line));
    expect(asked).toEqual([
      `GET /repos/${name}/collaborators/ada/permission`,
      `POST /repos/${name}/issues/1/reactions`,
      `POST /repos/${name}/issues/1/comments`,
      `DELETE /repos/${name}/issues/1/labels/backend`,
      ...[`GET /${name}.git/info/refs`, ...Array(2).fill(`POST /${name}.git/git-upload-pack`)],
      'POST /api/graphql',
      ...[`GET /${name}.git/info/refs`, `POST /${name}.git/git-upload-pack`],
      ...[`GET /${name}.git/info/refs`, `POST /${name}.git/git-receive-pack`],
      ...[`GET /repos/${name}/pulls`, `POST /repos/${name}/pulls`],
      ...[`GET /repos/${name}/commits/<commit>/check-runs`, `POST /repos/${name}/check-runs`],
      `POST /repos/${name}/issues/1/comments`,
      `POST /repos/${name}/pulls/2/requested_reviewers`,
    ]);
  });
});
