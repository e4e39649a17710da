import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const nodeTest = (name: string, file: string) => `import assert from 'node:assert';
import { test } from 'node:test';
import { ${name} } from './${file}';
test('${name}', () => assert.equal(${name}(2), 2));
`;
const service = (name: string) => ({
  [`services/${name}/package.json`]: JSON.stringify({
    name,
    type: 'module',
    scripts: { test: 'node --test' },
  }),
  [`services/${name}/index.js`]: `export const ${name} = (n) => n;\n`,
  [`services/${name}/index.test.js`]: nodeTest(name, 'index.js'),
});

/** Two services in one workspace, a worker in another language, and a tool whose tests do not work. */
const monorepo = {
  'package.json': JSON.stringify({ name: 'all', private: true, workspaces: ['services/*'] }),
  '.gitignore': 'node_modules\n__pycache__\n',
  ...service('orders'),
  ...service('users'),
  'worker/pyproject.toml': '[tool.none]\n',
  'worker/total.py': 'def total(items):\n    return sum(items)\n',
  'worker/test_total.py':
    'import unittest\nfrom total import total\n\nclass TotalTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total([2, 3]), 5)\n',
  'tools/go.mod': 'module tools\n\ngo 1.20\n',
  'tools/a_test.go': 'package tools\n\nimport "example.org/nowhere"\n',
};

describe('a repository of several projects', () => {
  test('has a row in the evidence for each of them, and a failure in one of them goes back to the agent', async () => {
    const { outcome, pulls, run } = await runIssue(world, {
      files: monorepo,
      turns: [
        {
          expect: ['npm test (in services/orders)', 'npm test (in services/users)', '(in worker)'],
          calls: [
            [
              'bash',
              {
                command: "printf 'def total(items):\\n    return round(sum(items)) + 1\\n' > worker/total.py",
              },
            ],
            ['run_tests', {}],
          ],
        },
        {
          expect: ['2 passed, 1 failed', 'worker/test_total.py › TotalTest › test_total'],
          calls: [['submit', { title: 'Round', summary: 'total() rounds.' }]],
        },
        {
          expect: ['fails with your change'],
          calls: [
            [
              'bash',
              {
                command: `printf 'def total(items):\\n    return round(sum(items))\\n' > worker/total.py
cat >> worker/test_total.py <<'END'

    def test_rounds(self):
        self.assertEqual(total([0.4, 2.4]), 3)
END`,
              },
            ],
            ['run_tests', { files: ['worker/test_total.py'] }],
          ],
        },
        {
          expect: ['2 passed, 0 failed'],
          calls: [['submit', { title: 'Round', summary: 'total() rounds.' }]],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    const body = pulls[0]?.body ?? '';
    for (const row of [
      /before, on the base commit \| `npm test` in `services\/orders` \(node:test\) \| 1 \| 0 \| 0 \| exit code 0/,
      /before, on the base commit \| `python3 -m unittest discover` in `worker` \(unittest\) \| 1 \| 0 \| 0/,
      /before, on the base commit \| `go test \.\/\.\.\.` in `tools` \(go\) \| – \| – \| – \| not run: nothing in it passes/,
      /after, with the change \| `npm test` in `services\/users` \(node:test\) \| 1 \| 0 \| 0 \| exit code 0/,
      /after, with the change \| `python3 -m unittest discover` in `worker` \(unittest\) \| 2 \| 0 \| 0/,
    ])
      expect(body).toMatch(row);
    expect(body).not.toMatch(/after, with the change \| `go test/);
    expect(body).toContain('worker/test_total.py › TotalTest › test_rounds');
    expect(await run.events()).toContainEqual(
      expect.objectContaining({ type: 'submission-returned', because: ['1 test newly fails'] }),
    );
  });
});
