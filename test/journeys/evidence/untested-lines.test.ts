import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Call, createFile } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { PreparedIssue } from '../../support/world/world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const files = {
  '.github/pullwright.yml': 'test: node --test\nmutations: 2\n',
  'package.json': '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/price.js': 'export const inEuros = (cents) => cents / 100;\n',
  'test/price.test.js':
    "import { equal } from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { inEuros } from '../src/price.js';\n\ntest('converts', () => equal(inEuros(250), 2.5));\n",
};
const submit: Call = ['submit', { title: 'Take off discounts', summary: 'Adds discount().' }];
const change = createFile(
  'src/discount.js',
  `/** Takes off a part of the price. */
export function discount(price, percent) {
  if (percent > 50) {
    throw new Error('too much');
  }
  return price - price * percent / 100;
}
`,
);
const testOf = (...checks: string[]) =>
  createFile(
    'test/discount.test.js',
    `import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { discount } from '../src/discount.js';

${checks.map((check, number) => `test('discount ${number}', () => ${check});\n`).join('')}`,
  );
const some = 'equal(discount(200, 10), 180)';
const gaps = [
  'Not accepted yet: no test runs these lines of your change.',
  '- src/discount.js 4',
  'Also, your tests still pass if your change has one of these faults.',
  '- src/discount.js 3: `>=` for `>`',
];

/** Runs an issue whose work returns once. */
async function runReturning(options: PreparedIssue) {
  const issue = await world.prepareIssue(options);
  const run = await (await world.label(issue)).run();
  const hasReturned = async () => (await run.events()).some(({ type }) => type === 'submission-returned');
  await waitFor('the work to return to the agent', world, hasReturned);
  const { outcome } = await run.settled();
  return { outcome, run, pulls: world.github.pullRequests(issue.name) };
}

test('the agent gets the lines and the faults that its tests miss, and adds tests for them', async () => {
  const { outcome, pulls, run } = await runReturning({
    files,
    turns: [
      { calls: [change, testOf(some), submit] },
      {
        expect: gaps,
        calls: [
          testOf(some, 'equal(discount(200, 50), 100)', 'throws(() => discount(200, 51), /too much/)'),
          submit,
        ],
      },
    ],
  });
  expect(outcome.kind).toBe('pull-request');
  const body = pulls[0]?.body;
  expect(body).toContain('4 of 4 changed lines run in tests.\n');
  expect(body).toMatch(/small faults into these lines, one at a time: (\d) of \1 noticed\./);
  expect(body).toContain(
    'returned the work to the agent once: no test runs 1 changed line, the tests do not notice 1 small fault.',
  );
  const events = await run.events();
  expect(events).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ type: 'coverage-measured', lines: 4, reached: 3 }),
      expect.objectContaining({ type: 'coverage-measured', lines: 4, reached: 4 }),
    ]),
  );
});

test('gaps return once and make no draft, and reviewers see those that stay', async () => {
  const { outcome, pulls, run } = await runReturning({
    files,
    turns: [{ calls: [change, testOf(some), submit] }, { expect: gaps, calls: [submit] }],
  });
  expect(outcome.kind).toBe('pull-request');
  const body = pulls[0]?.body;
  expect(body).toContain('3 of 4 changed lines run in tests; ⚠️ not reached: `src/discount.js` 4.');
  expect(body).toContain('⚠️ Not noticed:\n\n- `src/discount.js` 3: `>=` for `>`\n');
  const events = await run.events();
  expect(events.filter(({ type }) => type === 'submission-returned')).toHaveLength(1);
});

test('the settings of a repository turn both off', async () => {
  const { outcome, run, pulls } = await runIssue(world, {
    files: { ...files, '.github/pullwright.yml': 'test: node --test\ncoverage: false\n' },
    turns: [{ calls: [change, testOf(some), submit] }],
  });
  expect(outcome.kind).toBe('pull-request');
  expect(pulls[0]?.body).not.toContain('Changed lines:');
  const types = (await run.events()).map(({ type }) => type);
  expect(types).not.toContain('coverage-measured');
  expect(types).not.toContain('mutations-tried');
});

test('the lines of Python that no test runs are named', async () => {
  const { outcome, pulls, run } = await runReturning({
    files: {
      '.github/pullwright.yml': 'test: python3 -m unittest discover -s tests -t .\n',
      'price.py': 'def in_euros(cents):\n    return cents / 100\n',
      'tests/__init__.py': '',
      'tests/test_price.py':
        'import unittest\n\nimport price\n\n\nclass PriceTest(unittest.TestCase):\n    def test_euros(self):\n        self.assertEqual(price.in_euros(250), 2.5)\n',
    },
    turns: [
      {
        calls: [
          [
            'bash',
            {
              command: `printf '\\n\\ndef discount(cents, percent):\\n    if percent > 50:\\n        raise ValueError("too much")\\n    return cents - cents * percent / 100\\n' >> price.py
printf '\\n    def test_discount(self):\\n        self.assertEqual(price.discount(200, 10), 180)\\n' >> tests/test_price.py`,
            },
          ],
          submit,
        ],
      },
      { expect: ['no test runs these lines of your change.\n- price.py 7'], calls: [submit] },
    ],
  });
  expect(outcome.kind).toBe('pull-request');
  expect(pulls[0]?.body).toContain('3 of 4 changed lines run in tests; ⚠️ not reached: `price.py` 7.');
  expect(await run.events()).toContainEqual(
    expect.objectContaining({ type: 'coverage-measured', lines: 4, reached: 3 }),
  );
});
