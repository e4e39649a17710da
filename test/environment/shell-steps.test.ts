import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeJobs } from './tree.js';

const step = (...lines: string[]) => lines.map((line) => `      - ${line}\n`).join('');
const job = (name: string, ...lines: string[]) =>
  `  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n${step(...lines)}`;
const run = (...lines: string[]) =>
  `run: |\n${lines.map((line) => `          ${line}\n`).join('')}`.trimEnd();

describe('steps', () => {
  test('after `cd -` run in the folder before', async () => {
    const { tests } = await describeJobs(
      job('test', 'run: cd api && npm ci && cd - && npm test && cd - && npm run test:unit'),
    );
    expect(commandsOf(tests)).toEqual(['npm test', 'api: npm run test:unit']);
  });

  test('that export several variables give each of them its value', async () => {
    const { variables } = await describeJobs(
      job('test', run('export PGHOST=localhost PGPORT=5432 NAME="a b" NOW=$(date +%s) HOME', 'npm test')),
    );
    expect(variables).toEqual({ PGHOST: 'localhost', PGPORT: '5432', NAME: 'a b' });
  });

  test('with an action that may start a server are named if only GitHub knows their condition', async () => {
    const { unclear } = await describeJobs(
      job(
        'test',
        "uses: ./.github/actions/db\n        if: steps.x.outputs.y == '1'",
        "uses: supercharge/redis-github-action@1.8.0\n        if: steps.x.outputs.y == '1'",
        "uses: actions/cache@v4\n        if: steps.x.outputs.y == '1'",
        'run: npm test',
      ),
    );
    const reason = "was left out, because the condition `steps.x.outputs.y == '1'` is not known.";
    expect(unclear).toEqual([
      `${ci}: the step "./.github/actions/db" ${reason}`,
      `${ci}: the step "supercharge/redis-github-action@1.8.0" ${reason}`,
    ]);
  });
});
