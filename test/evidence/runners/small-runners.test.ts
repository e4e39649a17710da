import { expect, test } from '@jest/globals';
import { useNodeRunners } from './use-node-runners.js';

/*
 * Real test runners that report no single tests, from the npm registry. Each runs a file with a test that
 * fails and, where it goes on then, a file that does not load. Without a registry, these tests do not run.
 */
const { run, isInstalled } = useNodeRunners([
  'jasmine-node@3.0.0',
  'nodeunit@0.11.3',
  'vows@0.8.3',
  'poku@4.5.0',
  'uvu@0.5.6',
  '@japa/runner@3.1.4',
  'qunit@2.24.1',
  'zora@5.2.0',
  'tapzero@0.8.0',
]);

const bin = '/node_modules/.bin';
const broken = "throw new Error('boom');\n";
const nodeunit = (name: string) => `exports.${name} = {
  ok: (test) => { test.ok(true); test.done(); },
  bad: (test) => { test.equal(1, 2); test.done(); },
};`;
const uvu = (start: string) => `${start}
const later = suite('later');
test('ok', () => {});
test('bad', () => { throw new Error('boom'); });
later.before(() => { throw new Error('hook'); });
later('lost', () => {});
test.run();
later.run();
`;

const table: [string, string, Record<string, string>, Record<string, string>, string][] = [
  [
    'jasmine-node',
    `${bin}/jasmine-node spec`,
    {
      'spec/a.spec.js': `describe('s', () => {
        it('ok', () => expect(1).toBe(1));
        it('bad', (done) => { expect(1).toBe(2); done(); });
      });`,
    },
    { 'spec/a.spec.js › s › ok': 'passed', 'spec/a.spec.js › s › bad': 'failed' },
    'jasmine-node',
  ],
  [
    'jasmine-node with a file that does not load',
    `${bin}/jasmine-node spec`,
    { 'spec/a.spec.js': broken },
    { 'spec/a.spec.js': 'failed' },
    'jasmine-node',
  ],
  [
    'nodeunit in two processes',
    `${bin}/nodeunit test/a.js; ${bin}/nodeunit --reporter minimal test/b.js test/c.js`,
    { 'test/a.js': nodeunit('one'), 'test/b.js': nodeunit('two'), 'test/c.js': broken },
    {
      'test/a.js › one › ok': 'passed',
      'test/a.js › one › bad': 'failed',
      'test/b.js › two › ok': 'passed',
      'test/b.js › two › bad': 'failed',
      'test/c.js': 'failed',
    },
    'nodeunit',
  ],
  [
    'vows',
    `${bin}/vows test/*.js --spec`,
    {
      'test/a-test.js': `const assert = require('assert');
        require('vows').describe('suite').addBatch({
          'a number': {
            topic: () => 1,
            'is one': (n) => assert.equal(n, 1),
            'is two': (n) => assert.equal(n, 2),
            'is later': 'pending',
          },
        }).export(module);`,
    },
    {
      'test/a-test.js › suite › a number › is one': 'passed',
      'test/a-test.js › suite › a number › is two': 'failed',
      'test/a-test.js › suite › a number › is later': 'skipped',
    },
    'vows',
  ],
  [
    'poku',
    `${bin}/poku --sequential test`,
    {
      'test/a.test.mjs': `import { assert, describe, it } from 'poku';
        describe('s', () => {
          it('ok', () => assert.equal(1, 1));
          it('bad', () => assert.equal(1, 2));
        });`,
      'test/b.test.js': "require('node:assert').equal(1, 1);",
      'test/c.test.js': "require('node:assert').equal(1, 2);",
      'test/d.test.js': "require('./missing');",
    },
    {
      'test/a.test.mjs › s › ok': 'passed',
      'test/a.test.mjs › s › bad': 'failed',
      'test/b.test.js › exits with 0': 'passed',
      'test/c.test.js › exits with 0': 'failed',
      'test/d.test.js': 'failed',
    },
    'poku',
  ],
  [
    'uvu as modules, and as a program of CommonJS',
    `${bin}/uvu tests mjs$; node tests/b.cjs`,
    {
      'tests/a.mjs': uvu("import { suite, test } from 'uvu';").replace('later.run();', ''),
      'tests/b.cjs': uvu("const { suite, test } = require('uvu');"),
    },
    {
      'tests/a.mjs › ok': 'passed',
      'tests/a.mjs › bad': 'failed',
      'tests/b.cjs › ok': 'passed',
      'tests/b.cjs › bad': 'failed',
      'tests/b.cjs › later › lost': 'failed',
    },
    'uvu',
  ],
  [
    'zora, tapzero and QUnit, one after the other',
    `node test/a.mjs; node test/b.js; ${bin}/qunit test/c.js test/d.js`,
    {
      'test/a.mjs': `import { test } from 'zora';
        test('zora', (t) => t.ok(true));`,
      'test/b.js': "require('tapzero').test('tapzero', (t) => t.equal(1, 2));",
      'test/c.js': "QUnit.module('m', () => QUnit.test('qunit', (t) => t.ok(true)));",
      'test/d.js': broken,
    },
    { zora: 'passed', tapzero: 'failed', 'm > qunit': 'passed', 'test/d.js': 'failed' },
    'tap',
  ],
  [
    'Japa',
    'node bin/test.mjs',
    {
      'bin/test.mjs': `import { configure, run } from '@japa/runner';
        configure({ files: ['test/*.spec.mjs'] });
        run();`,
      'test/a.spec.mjs': `import { test } from '@japa/runner';
        test('alone', () => {});
        test.group('g', () => {
          test('bad', () => { throw new Error('boom'); });
          test('later', () => {}).skip(true);
          test('each {n}', () => {}).with([{ n: 1 }, { n: 2 }]);
        });`,
    },
    {
      'test/a.spec.mjs › alone': 'passed',
      'test/a.spec.mjs › g › bad': 'failed',
      'test/a.spec.mjs › g › later': 'skipped',
      'test/a.spec.mjs › g › each 1': 'passed',
      'test/a.spec.mjs › g › each 2': 'passed',
    },
    'japa',
  ],
];
test.each(table)('the results of each test are read of %s', async (_, script, files, outcomes, runner) => {
  if (!isInstalled()) return;
  const result = await run(script, files);
  expect(result.outcomes).toEqual(outcomes);
  expect(result).toMatchObject({ runner, ended: 'exited' });
});
