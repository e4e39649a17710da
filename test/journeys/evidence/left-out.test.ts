import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Call, createFile } from '../../support/sample-projects.js';
import { type RunIssue, runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** The tests build `dist`, count their runs in a tracked file, and write reports that git does not ignore. */
const files = {
  '.github/pullwright.yml': 'test: npm test\nmutations: 0\n',
  'package.json':
    '{ "name": "counter", "type": "module", "scripts": { "pretest": "node build.js", "test": "node --test" } }\n',
  'build.js': `import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('dist', { recursive: true });
copyFileSync('src/one.js', 'dist/one.js');
writeFileSync('dist/built-at.txt', \`\${Date.now()}\\n\`);
`,
  'src/one.js': 'export const one = () => 1;\n',
  'dist/one.js': 'export const one = () => 1;\n',
  'dist/built-at.txt': '0\n',
  'data/stats.json': '{"runs":0}\n',
  'test/one.test.js': `import { equal } from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { one } from '../dist/one.js';

test('one', () => {
  const { runs } = JSON.parse(readFileSync('data/stats.json', 'utf8'));
  writeFileSync('data/stats.json', JSON.stringify({ runs: runs + 1 }) + '\\n');
  mkdirSync('reports', { recursive: true });
  writeFileSync('reports/junit.xml', '<testsuite/>\\n');
  equal(typeof one(), 'number');
});
`,
};
const two = createFile('src/two.js', 'export const two = () => 2;\n');
const twoTest = (more = '') =>
  createFile(
    'test/two.test.js',
    `import { equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { two } from '../src/two.js';

test('two', () => {${more}
  equal(two(), 2);
});
`,
  );
const comment: Call = ['bash', { command: "sed -i '1i // The first number.' src/one.js" }];
const submit = (more: Record<string, unknown> = {}): Call => [
  'submit',
  { title: 'Add two', summary: 'Adds two().', ...more },
];
/** Returns the changed files of the pull request. */
const changedFiles = async ({ name, pulls }: RunIssue) => {
  const { baseSha, headSha } = pulls[0]?.pull ?? { baseSha: 'none', headSha: 'none' };
  const listed = await world.github.git(name, ['diff', '--name-only', `${baseSha}...${headSha}`]);
  return listed.trim().split('\n');
};

test('the pull request contains the edits, and nothing that running the tests left behind', async () => {
  const issue = await runIssue(world, {
    files,
    turns: [
      {
        expect: [
          'The tests write these files.',
          '<data kind="written-files">\ndata/stats.json\ndist/built-at.txt\nreports/junit.xml\n</data>',
        ],
        calls: [comment, two, twoTest(), ['run_tests', {}]],
      },
      {
        expect: [
          '<data kind="written-files">\ndata/stats.json\ndist/built-at.txt\ndist/one.js\nreports/junit.xml\n</data>',
        ],
        calls: [['run_tests', {}], submit()],
      },
    ],
  });
  const { outcome, pulls, name, number, run } = issue;
  expect(outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual(['src/one.js', 'src/two.js', 'test/two.test.js']);
  const onBranch = (file: string) => world.github.readFile(name, `heads/pullwright/issue-${number}`, file);
  expect(await onBranch('data/stats.json')).toBe('{"runs":0}\n');
  expect(await onBranch('src/one.js')).toContain('// The first number.');
  const left = ['data/stats.json', 'dist/built-at.txt', 'dist/one.js', 'reports/junit.xml'];
  expect(pulls[0]?.body).toContain(
    `Left out of this change, because the tests or other tools wrote them: ${left.map((path) => `\`${path}\``).join(', ')}.`,
  );
  expect(await run.events()).toContainEqual({
    ...{ type: 'scanned', blocked: 0, marked: 0 },
    leftOut: left,
  });
});

test('the agent is asked about files that commands or the tests wrote, and nothing is lost', async () => {
  const issue = await runIssue(world, {
    files,
    turns: [
      { calls: [comment, two, twoTest(), ['run_tests', {}]] },
      { calls: [['bash', { command: 'npm test; mkdir coverage; touch coverage/lcov.info' }], submit()] },
      {
        expect: [
          'the tests or a build may have written these files of your change.\n- coverage/lcov.info\n- data/stats.json\n- dist/built-at.txt\n',
        ],
        calls: [['bash', { command: 'rm -r coverage; git checkout -q dist/built-at.txt' }], submit()],
      },
    ],
  });
  expect(issue.outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual([
    ...['data/stats.json', 'src/one.js', 'src/two.js', 'test/two.test.js'],
  ]);
  expect(issue.pulls[0]?.body).toContain('`data/stats.json` may be written by the tests or a build');
});

test('what the agent names belongs to the change, although the tests write it', async () => {
  const issue = await runIssue(world, {
    files,
    turns: [
      { calls: [comment, two, twoTest(), ['run_tests', {}]] },
      { calls: [submit({ keep: ['dist/one.js', 'reports'] })] },
    ],
  });
  const { outcome, pulls } = issue;
  expect(outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual([
    ...['dist/one.js', 'reports/junit.xml', 'src/one.js', 'src/two.js', 'test/two.test.js'],
  ]);
  expect(pulls[0]?.body).toContain('wrote them: `data/stats.json`, `dist/built-at.txt`.');
});

test('the agent and reviewers hear of new files that the new tests write', async () => {
  const writes = "\n  writeFileSync('two.csv', '2\\n');";
  const issue = await runIssue(world, {
    files: { ...files, 'package.json': files['package.json'].replace('"pretest": "node build.js", ', '') },
    turns: [
      {
        calls: [two, twoTest(writes), ['bash', { command: 'node --test test/two.test.js' }], submit()],
      },
      {
        expect: ['may have written these files of your change.\n- two.csv\n'],
        calls: [submit({ summary: 'Adds two(), and two.csv.' })],
      },
    ],
  });
  expect(issue.outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual(['src/two.js', 'test/two.test.js', 'two.csv']);
  expect(issue.pulls[0]?.body).toContain('`two.csv` may be written by the tests or a build');
});

test('a change of nothing but written files is meant', async () => {
  const issue = await runIssue(world, {
    files,
    turns: [{ calls: [['bash', { command: 'echo \'{"runs":9}\' > data/stats.json' }], submit()] }],
  });
  expect(issue.outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual(['data/stats.json']);
});

test('files that a git filter would convert are not pushed as they are', async () => {
  const pointer =
    'version https://git-lfs.github.com/spec/v1\noid sha256:2d6c72fe33411b6b66cf5fc671d56ac1c68e406c75fe4f9c12d71e09abad8b87\nsize 120000\n';
  const issue = await runIssue(world, {
    files: { ...files, '.gitattributes': '*.png filter=lfs -text\n', 'assets/logo.png': pointer },
    turns: [
      {
        calls: [
          ['bash', { command: "printf 'PNG' > 'assets/an icon.png'; cp assets/logo.png assets/copy.png" }],
          two,
          twoTest(),
          submit(),
        ],
      },
      {
        expect: [
          'your change contains what Pullwright never pushes.\n- assets/an icon.png must be stored with Git LFS,',
        ],
        calls: [['bash', { command: "rm 'assets/an icon.png'" }], submit()],
      },
    ],
  });
  expect(issue.outcome.kind).toBe('pull-request');
  expect(await changedFiles(issue)).toEqual(['assets/copy.png', 'src/two.js', 'test/two.test.js']);
});
