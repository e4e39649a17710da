import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

type Call = [tool: string, input: Record<string, unknown>];

const submit: Call = ['submit', { title: 'Change the rows', summary: 'The rows are as asked.' }];
const bash = (command: string): Call => ['bash', { command }];
const write = (file: string, text: string) => bash(`cat > ${file} <<'END'\n${text}\nEND`);
const addTest = (name: string, body: string, file = 'checks/rows.test.js') =>
  bash(`echo ${JSON.stringify(`test('${name}', () => { ${body} });`)} >> ${file}`);

/** A small product with one test. */
const project = {
  'package.json': `${JSON.stringify({ name: 'csv', type: 'module', scripts: { test: 'node --test --test-concurrency=1 checks/' } })}\n`,
  'lib/rows.js':
    "import { trim } from '../testing/trim.js';\n" +
    "export function rows(text) {\n  return trim(text).split('\\n').filter(Boolean).map((line) => line.split(','));\n}\n",
  // Part of the product, whatever its folder is called.
  'testing/trim.js': 'export const trim = (text) => text;\n',
  'samples/one.csv': 'a,b\n',
  'checks/rows.test.js':
    "import assert from 'node:assert/strict';\nimport { readFileSync, writeFileSync } from 'node:fs';\n" +
    "import { test } from 'node:test';\nimport { rows } from '../lib/rows.js';\n" +
    "test('one row', () => assert.deepEqual(rows(readFileSync('samples/one.csv', 'utf8')), [['a', 'b']]));\n",
};

/** Writes a good result to a report of Pullwright. */
const forge =
  "writeFileSync(process.env.NODE_OPTIONS.split(' ').pop().replace('preload.cjs', 'node-test-1.jsonl'), " +
  "JSON.stringify({ file: null, names: ['forged'], outcome: 'passed' }));";

describe('the proof', () => {
  test('shows why each test fails without the change, and product code in a folder called testing is no helper', async () => {
    const { outcome, pulls } = await runIssue(world, {
      files: project,
      turns: [
        {
          calls: [
            write('testing/trim.js', "export const trim = (text) => text.replaceAll('\\r', '');"),
            addTest(
              'line ends',
              `${forge} assert.deepEqual(rows('a\\r\\n'), [['a']]);`,
              'checks/rows.test.js',
            ),
            submit,
          ],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls[0]?.body).toMatch(
      /\*\*These new or changed tests fail without the change and pass with it\*\* \(1\)\n\n- `checks\/rows.test.js › line ends`: Expected values to be strictly deep-equal:/,
    );
    // A result that the test itself wrote does not count.
    expect(pulls[0]?.body).not.toMatch(/forged|reported by the tests themselves/);
    expect(pulls[0]?.body).toContain('reports without the signature of a test runner were left out (1).');
  });

  test('says if new data suffices for a new test, so that it proves nothing about the code', async () => {
    const { pulls } = await runIssue(world, {
      files: project,
      turns: [
        {
          calls: [
            bash("printf '\\n' > samples/empty.csv; sed -i '1i // Empty lines are no rows.' lib/rows.js"),
            addTest(
              'no rows',
              "assert.deepEqual(rows(readFileSync('samples/empty.csv', 'utf8')), []);",
              'checks/rows.test.js',
            ),
            submit,
          ],
        },
      ],
    });
    const body = pulls[0]?.body ?? '';
    expect(body).toContain(
      '**These tests fail without the change, but its files without code suffice: `samples/empty.csv`** (1)\n\n- `checks/rows.test.js › no rows`',
    );
    expect(body).not.toContain('These new or changed tests fail');
  });

  test('takes helpers along, and does not count a test that fails when it runs once more', async () => {
    const { pulls, run } = await runIssue(world, {
      files: project,
      turns: [
        {
          calls: [
            bash('mkdir checks/helpers'),
            write(
              'lib/rows.js',
              "export const rows = (text) => text.split(/[;\\n]/).filter(Boolean).map((one) => one.split(','));",
            ),
            write('checks/helpers/text.js', "export const two = () => 'a;b';"),
            // A test that depends on another file fails when its own file runs alone.
            addTest('leaves a file', "writeFileSync('left.txt', '');", 'checks/rows.test.js'),
            write(
              'checks/two.test.js',
              "import assert from 'node:assert/strict';\nimport { existsSync } from 'node:fs';\n" +
                "import { test } from 'node:test';\nimport { rows } from '../lib/rows.js';\n" +
                "import { two } from './helpers/text.js';\n" +
                "test('the helper has text', () => assert.equal(two(), 'a;b'));\n" +
                "test('two rows', () => assert.equal(rows(two()).length, 2));\n" +
                "test('the other file ran', () => assert.ok(rows(two()).length === 2 && existsSync('left.txt')));",
            ),
            submit,
          ],
        },
      ],
    });
    const body = pulls[0]?.body ?? '';
    expect(body).toContain(
      '- `checks/two.test.js › two rows`: Expected values to be strictly equal: 1 !== 2',
    );
    expect(body).toMatch(
      /\*\*No proof: these tests are flaky\*\* \(1\)\n\n- `checks\/two.test.js › the other file ran`/,
    );
    expect(body).toMatch(
      /\*\*No proof: these new tests also pass without the change\*\* \(2\)\n\n- `checks\/rows.test.js › leaves a file`\n- `checks\/two.test.js › the helper has text`/,
    );
    const events = await run.events();
    const whens = events.flatMap(({ type, when }) => (type === 'tests-run' ? when : []));
    expect(whens).toEqual(['before', 'after', 'against-base', 'proof-again']);
  });

  test('a test that fails once and passes once on the base code is not mended by the change, and is remembered', async () => {
    const alone =
      "import assert from 'node:assert/strict';\nimport { existsSync } from 'node:fs';\nimport { test } from 'node:test';\n" +
      "test('alone', () => assert.ok(!existsSync('left.txt')));\n";
    const leaves = `${project['checks/rows.test.js']}test('leaves a file', () => writeFileSync('left.txt', ''));\n`;
    const { pulls, run } = await runIssue(world, {
      files: { ...project, 'checks/rows.test.js': leaves, 'checks/sums.test.js': alone },
      turns: [
        {
          calls: [
            bash("sed -i '$d' checks/rows.test.js"),
            addTest('none', "assert.deepEqual(rows(''), []);"),
            submit,
          ],
        },
        { calls: [submit] },
        { calls: [submit] },
      ],
    });
    expect(pulls[0]?.body).toMatch(/\*\*Flaky: [^*]*\*\* \(1\)\n\n- `checks\/sums.test.js › alone`/);
    const events = await run.events();
    expect(events).toContainEqual(expect.objectContaining({ type: 'tests-run', when: 'before-again' }));
    const remembered = await world.database.query('select test from pullwright.flaky_tests');
    expect(remembered).toEqual([{ test: 'checks/sums.test.js › alone' }]);
  });
});
