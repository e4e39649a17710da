import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  addTest,
  minimalProject,
  minimalProjectWith,
  runAndSubmit,
  solveMinimalProject,
  solveTestedProject,
  submitGreeting,
  testedProject,
} from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const branchOf = (name: string, number: number) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

describe('the repository', () => {
  test.each([
    [
      'signatures',
      [
        'Commits must have verified signatures.\n  Found 1 violation:\n\n  0123456789abcdef0123456789abcdef01234567\n',
      ],
      'Commits must have verified signatures. Found 1 violation: 0123456789abcdef0123456789abcdef01234567.',
    ],
    [
      'paths and names',
      [
        'File path is restricted\n  Found 1 violation:\n\n    greeting.txt\n',
        'Cannot create ref due to creations being restricted.',
      ],
      'File path is restricted Found 1 violation: greeting.txt Cannot create ref due to creations being restricted.',
    ],
    [
      'push protection',
      [
        'GITHUB PUSH PROTECTION\n  ————————————————————————————\n    Resolve the following violations before pushing again\n\n    - Push cannot contain secrets\n\n     (?) Learn how to resolve a blocked push\n     https://docs.github.com/push-protection\n\n      —— Example Service Token ————————————————\n       locations:\n         - commit: 0123456789abcdef0123456789abcdef01234567\n           path: test/token.txt:1\n',
      ],
      'Push cannot contain secrets',
    ],
  ])("a push that its rules refuse fails with GitHub's own words: %s", async (_, rules, said) => {
    const { outcome, comment, pulls } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
      before: ({ name }) => world.github.refusePushes(name, rules),
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^GitHub refused the push: a rule of the repository forbids it for pullwright\/issue-1\. GitHub says: /,
      ),
    });
    expect(JSON.stringify(outcome)).toContain(said);
    expect(comment).toContain('Change the rule, or add this App to its bypass list.');
    expect(pulls).toEqual([]);
  });

  test('invalid settings are answered with path, expected and found, one line each', async () => {
    const { outcome, comment, pulls } = await runIssue(world, {
      files: minimalProjectWith('timeouts:\n  test: soon\nbase: trunk'),
    });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain('**No pull request:** .github/pullwright.yml has errors:');
    expect(comment).toContain(
      '- .github/pullwright.yml: timeouts.test: expected a time such as 90s, 10m or 1h; found "soon"',
    );
    expect(comment).toMatch(
      /- \.github\/pullwright\.yml: base: expected one of labels, agent, effort, baseBranch, .*; found the unknown name "base"/,
    );
    expect(pulls).toEqual([]);
  });

  test('settings that are not YAML are answered with the line', async () => {
    const { outcome, comment } = await runIssue(world, { files: minimalProjectWith('test: "sh') });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toMatch(/- \.github\/pullwright\.yml:\d+: expected YAML; found /);
  });

  test('an empty repository is told that it needs a first commit', async () => {
    const { outcome, comment } = await runIssue(world, { repository: { empty: true } });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain('The repository is empty. It needs a first commit to start from.');
  });

  test('work starts from the default branch, even if it has an unusual name', async () => {
    const { outcome, pulls } = await runIssue(world, {
      repository: { defaultBranch: 'trunk', files: minimalProject },
      turns: solveMinimalProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toMatchObject([{ pull: { base: 'trunk', draft: false } }]);
  });

  test('baseBranch is where work starts and the pull request goes', async () => {
    const { name, number, outcome, pulls } = await runIssue(world, {
      files: minimalProjectWith('baseBranch: develop'),
      turns: runAndSubmit("echo 'more' >> greeting.txt"),
      before: ({ name }) =>
        world.github.commitFiles(name, {
          branch: 'develop',
          files: { 'greeting.txt': 'hello from develop\n' },
          message: 'Develop',
          author: 'ada',
        }),
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toMatchObject([{ pull: { base: 'develop' } }]);
    expect(await branchOf(name, number)).toBe('hello from develop\nmore\n');
  });

  test('a missing base branch is named, with the setting that names it', async () => {
    const { outcome, comment } = await runIssue(world, { files: minimalProjectWith('baseBranch: gone') });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain(
      'The base branch gone does not exist (`baseBranch` in .github/pullwright.yml).',
    );
  });

  test('a repository that cannot be cloned fails the run and says what to check', async () => {
    const refused = async (status: number) => {
      const { outcome, comment, pulls } = await runIssue(world, {
        files: minimalProject,
        before: ({ name }) => world.github.failNext({ path: `/${name}.git/info/refs`, status }),
      });
      expect(outcome.kind).toBe('failed');
      expect(pulls).toEqual([]);
      return comment;
    };
    expect(await refused(403)).toContain(
      "The repository could not be cloned: GitHub refused (403). Check the App's permissions",
    );
    expect(await refused(404)).toContain(
      'GitHub says that the repository does not exist or that this App cannot access it',
    );
  });

  test('a base branch that changes during the run does not affect it', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, number } = issue;
    const { run, release } = await world.labelAndHold(issue);
    await github.commitFiles(name, {
      branch: 'main',
      files: { 'greeting.txt': 'hello elsewhere\n' },
      message: 'Steering',
      author: 'ada',
    });
    release();
    const { outcome } = await run.settled();
    expect(outcome.kind).toBe('pull-request');
    expect(github.pullRequests(name)).toHaveLength(1);
    expect(await branchOf(name, number)).toBe('hello Ada\n');
    expect(await github.readFile(name, 'heads/main', 'greeting.txt')).toBe('hello elsewhere\n');
  });
});

describe('the tests', () => {
  test('a repository without tests gets a pull request that says that nothing was tested', async () => {
    const { outcome, pulls, name } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls[0]?.body).toContain('**No tests were found in this repository, so none ran.**');
    expect(pulls[0]?.body).toContain('Set `test` in .github/pullwright.yml to the command that runs them');
    expect(world.github.checkRuns(name)).toMatchObject([{ conclusion: 'neutral' }]);
  });

  test('a missing test command is refused before the model is called', async () => {
    const missing = await runIssue(world, { files: minimalProjectWith('test: no-such-runner --all') });
    expect(missing.outcome.kind).toBe('refusal');
    expect(missing.comment).toContain(
      'The test command does not exist: "no-such-runner --all" ended with exit code 127. Set `test` in .github/pullwright.yml',
    );
    expect(missing.comment).toContain('no-such-runner: command not found');
    const script = await runIssue(world, {
      files: minimalProjectWith('test: npm run nope', { 'package.json': '{ "name": "plain" }\n' }),
    });
    expect(script.outcome.kind).toBe('refusal');
    expect(script.comment).toContain(
      'The test command does not exist: "npm run nope" ended with exit code 1',
    );
  });

  test('tests that never finish are stopped, and the run with them', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: minimalProjectWith('test: sleep 600\ntimeouts:\n  test: 1s'),
    });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain(
      'The tests did not finish. "sleep 600" ran for more than 1 second on the unmodified base commit and was stopped. At the time limit, these programs still ran: "sleep 600". Set `test` or `timeouts.test`',
    );
  });

  test('tests that hang only with the change lead to a draft that says so', async () => {
    const { outcome, comment, pulls, name } = await runIssue(world, {
      files: minimalProjectWith('test: sh check.sh\ntimeouts:\n  test: 1s'),
      turns: [
        ...runAndSubmit("echo 'sleep 600' > check.sh"),
        {
          expect: ['The tests did not finish on this change: they ran out of time.'],
          calls: [submitGreeting],
        },
      ],
    });
    expect(outcome.kind).toBe('draft');
    expect(comment).toContain('- The tests did not finish on this change: they ran out of time.');
    expect(pulls).toMatchObject([{ pull: { draft: true } }]);
    expect(world.github.checkRuns(name)).toMatchObject([{ conclusion: 'failure' }]);
  });

  test('tests that failed before are listed separately and do not count against the change', async () => {
    const old = "\ntest('adds', () => {\n  assert.equal(1 + 1, 3);\n});\n";
    const files = {
      ...testedProject,
      'test/old.test.js': testedProject['test/greet.test.js']?.split('\n\n')[0] + old,
    };
    const { outcome, pulls } = await runIssue(world, {
      files,
      turns: [{ calls: [addTest] }, ...solveTestedProject.slice(2).map(({ calls = [] }) => ({ calls }))],
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls[0]?.body).toContain(
      '**Failing before and after this change** (1)\n\n- `test/old.test.js › adds`',
    );
  });

  test('newly failing tests lead to a draft with the reason, and to a failing check', async () => {
    const { outcome, comment, pulls, name } = await runIssue(world, {
      files: minimalProjectWith('test: sh check.sh'),
      turns: [
        ...runAndSubmit('echo bye > greeting.txt'),
        { expect: ['Not accepted yet: the result of the tests got worse'], calls: [submitGreeting] },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: ['The tests passed before and fail now.'],
    });
    expect(comment).toContain(`**Draft:** #${pulls[0]?.number} contains the change.`);
    expect(pulls).toMatchObject([{ pull: { draft: true } }]);
    expect(pulls[0]?.body).toContain('This is a draft. The tests passed before and fail now.');
    expect(world.github.checkRuns(name)).toMatchObject([{ conclusion: 'failure' }]);
  });
});

describe('setup', () => {
  test('that fails is shown with the end of its output', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: minimalProjectWith('setup:\n  - "echo the flux is missing; exit 3"'),
    });
    expect(outcome.kind).toBe('failed');
    expect(comment).toContain('"echo the flux is missing; exit 3" ended with exit code 3');
    expect(comment).toContain('\n>     the flux is missing\n');
    expect(comment).toContain('Set another command with `setup` in .github/pullwright.yml.');
  });
});
