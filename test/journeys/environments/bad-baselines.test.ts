import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runAndSubmit, solveTestedProject, testedProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const bodyOf = (pulls: Awaited<ReturnType<typeof runIssue>>['pulls']) => pulls[0]?.body ?? '';
const checkOf = (name: string) => world.github.checkRuns(name)[0];
const firstMessage = (title: string) =>
  JSON.stringify(
    world.model.requests.find(({ body }) => JSON.stringify(body.messages[0]).includes(title))?.body
      .messages[0],
  );

/** Many tests that need something which is not there. */
const broken = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((name) => [
    `test/${name}.test.js`,
    `import { test } from 'node:test';\nimport net from 'node:net';\ntest('${name}', async () => {\n  await new Promise((resolve, reject) => net.connect(5432, '127.0.0.1').on('connect', resolve).on('error', reject));\n});\n`,
  ]),
);

const solveWithoutLooking = runAndSubmit(`cat > src/greet.js <<'END'
export const greet = (name) => (name ? \`hello \${name}\` : 'hello');
END
cat >> test/greet.test.js <<'END'
test('greets by name', () => assert.equal(greet('Ada'), 'hello Ada'));
END`);

describe('the tests on the base commit', () => {
  test('that mostly fail make a draft, and the agent, the pull request and the check say why', async () => {
    const { outcome, pulls, name, title } = await runIssue(world, {
      files: { ...testedProject, ...broken },
      turns: solveWithoutLooking,
    });
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: [expect.stringMatching(/^The tests mostly fail on the base commit.*1 of 6 tests passed/)],
    });
    expect(bodyOf(pulls)).toMatch(
      /^\*\*.*5 fail as before.*\*\*\n\n> \[!WARNING\]\n> This is a draft\. The tests mostly fail on the base commit/,
    );
    expect(bodyOf(pulls)).toContain('`services: [postgres:16]`');
    expect(checkOf(name)).toMatchObject({ conclusion: 'neutral' });
    expect(firstMessage(title)).toMatch(/The results on the base are of little use:.*ECONNREFUSED/s);
  });

  test('that pass in a command that fails are a neutral result, and the first line says so', async () => {
    const manifest = { name: 'greeter', type: 'module', scripts: { test: 'node --test && exit 3' } };
    const { outcome, pulls, name, title } = await runIssue(world, {
      files: { ...testedProject, 'package.json': JSON.stringify(manifest) },
      turns: solveTestedProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(bodyOf(pulls)).toMatch(
      /^\*\*2 tests pass, the command ends with exit code 3, .*\*\*\n\n> \[!NOTE\]\n> "npm test" ends with exit code 3 on the base commit, although none of its tests fails\./,
    );
    expect(checkOf(name)).toMatchObject({ conclusion: 'neutral' });
    expect(firstMessage(title)).toContain('ends with exit code 3 on the base commit');
  });

  test('that run after a setup that failed in part are used, and the evidence says so', async () => {
    const { outcome, pulls, comment } = await runIssue(world, {
      files: {
        ...testedProject,
        '.github/pullwright.yml': 'setup:\n  - echo no such thing >&2; exit 4\n  - touch prepared\n',
        '.gitignore': 'prepared\n',
      },
      turns: solveTestedProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(comment).toContain('- setup failed in');
    expect(bodyOf(pulls)).toMatch(
      /Setup failed in part: .*ended with exit code 4\. The tests ran with what was there\./,
    );
  });

  test('of which none passes after a setup that failed end the run with the reason of the setup', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: {
        ...testedProject,
        'test/greet.test.js': "import 'not-installed';\n",
        '.github/pullwright.yml': 'setup:\n  - echo no such thing >&2; exit 4\n',
      },
    });
    expect(outcome.kind).toBe('failed');
    expect(comment).toMatch(/could not be installed: .*ended with exit code 4[\s\S]*no such thing/);
  });

  test('that would watch the files end by themselves, and the evidence says so', async () => {
    const manifest = { name: 'greeter', type: 'module', scripts: { test: 'node --test --watch' } };
    const { outcome, pulls } = await runIssue(world, {
      files: { ...testedProject, 'package.json': JSON.stringify(manifest) },
      turns: solveTestedProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(bodyOf(pulls)).toContain('--watch');
  });

  test.each([
    [
      'whose setup fails and which has no tests',
      { '.github/pullwright.yml': 'setup:\n  - echo no such mirror >&2; exit 4\n', 'README.md': 'hello\n' },
      /^The dependencies could not be installed: "echo no such mirror >&2; exit 4" ended with exit code 4\. Set `setup` in/,
    ],
    [
      'whose test command is missing',
      { ...testedProject, '.github/pullwright.yml': 'test: no-such-runner\n' },
      /^"no-such-runner" fails on the base commit \(exit code 127\), without this change\./,
    ],
    [
      'whose tests print too much',
      { ...testedProject, '.github/pullwright.yml': 'test: yes\n' },
      /^"yes" did not finish on the base commit\./,
    ],
  ])('of a repository %s get a verdict of the plan', async (_, files, verdict) => {
    const issue = await world.prepareIssue({ files, turns: [] });
    const { outcome } = await (await world.comment(issue, '/implement --plan')).settled();
    expect(outcome).toMatchObject({ kind: 'plan', verdict: expect.stringMatching(verdict) });
    expect(world.progress(issue.name, issue.number)).toContain('**Plan:**');
  });
});
