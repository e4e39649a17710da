import { expect, test } from '@jest/globals';
import { useNodeRunners } from './use-node-runners.js';

/*
 * Real test runners from the npm registry, started as package scripts start them. All of them share one
 * installation. Without a registry, these tests do not run.
 */
const packages = [
  'mocha@11.7.2',
  'nyc@15.1.0',
  'mock-fs@5.5.0',
  'ava@6.4.1',
  'tape@5.9.0',
  'jasmine@5.10.0',
  '@hapi/lab@26.0.0',
  'tap@16.3.10',
  'npm-run-all@4.1.5',
];

const { run, isInstalled } = useNodeRunners(packages);

const bin = '/node_modules/.bin';
const mochaTests = {
  'test/a.js': "describe('s', () => { it('ok', () => {}); it('bad', () => { throw new Error('boom'); }); });",
  'test/b.js': "it.skip('later', () => {});",
};
const mochaOutcomes = {
  'test/a.js › s › ok': 'passed',
  'test/a.js › s › bad': 'failed',
  'test/b.js › later': 'skipped',
};

const table: [string, string, Record<string, string>, Record<string, string>, string][] = [
  [
    'mocha behind nyc, with a reporter of its own, in parallel',
    `${bin}/nyc --cache=false --temp-dir=/tmp/nyc ${bin}/mocha --reporter dot --bail --parallel`,
    mochaTests,
    mochaOutcomes,
    'mocha',
  ],
  [
    'mocha as a library of another program',
    'node run.js',
    {
      ...mochaTests,
      'run.js': `const Mocha = require('mocha');
        const mocha = new Mocha({ bail: true });
        mocha.addFile('test/a.js');
        mocha.addFile('test/b.js');
        mocha.run((failures) => process.exit(failures));`,
    },
    mochaOutcomes,
    'mocha',
  ],
  [
    'mocha while the file system is replaced, also at the end',
    `${bin}/mocha`,
    {
      'test/a.js': `const mock = require('mock-fs');
        const fs = require('node:fs');
        it('replaces', () => { mock({ '/x': '1' }); for (let n = 0; n < 60; n += 1) fs.openSync('/y' + n, 'w'); });
        it('is replaced', () => fs.readFileSync('/x'));
        it('is bad', () => { throw new Error('boom'); });`,
    },
    {
      'test/a.js › replaces': 'passed',
      'test/a.js › is replaced': 'passed',
      'test/a.js › is bad': 'failed',
    },
    'mocha',
  ],
  [
    'mocha while functions of the file system are stubs',
    `${bin}/mocha`,
    {
      'test/a.js': `const fs = require('node:fs');
        it('stubs', () => {
          for (const name of ['appendFileSync', 'openSync', 'writeSync', 'fstatSync'])
            fs[name] = () => { throw new Error('stub'); };
        });
        it('goes on', () => {});`,
    },
    { 'test/a.js › stubs': 'passed', 'test/a.js › goes on': 'passed' },
    'mocha',
  ],
  [
    'ava',
    `${bin}/ava`,
    {
      'test/a.js': `const test = require('ava');
        test('ok', (t) => t.pass());
        test('bad', (t) => t.is(1, 2));
        test.todo('later');`,
      'test/b.js': "require('ava'); throw new Error('boom');",
    },
    {
      'test/a.js › ok': 'passed',
      'test/a.js › bad': 'failed',
      'test/a.js › later': 'skipped',
      'test/b.js': 'failed',
    },
    'ava',
  ],
  [
    'tape and node-tap, one after the other',
    `${bin}/run-s --continue-on-error first second`,
    {
      'a.js': `const test = require('tape');
        test('ok', (t) => { t.ok(1); t.end(); });
        test('bad', (t) => { t.equal(1, 2); t.end(); });`,
      'test/b.js': `const t = require('tap');
        t.test('group', (t) => { t.test('inner', (t) => { t.ok(1); t.end(); }); t.end(); });`,
    },
    { 'a.js › ok': 'passed', 'a.js › bad': 'failed', 'test/b.js › group › inner': 'passed' },
    'tap + tape',
  ],
  [
    'jasmine',
    `${bin}/jasmine`,
    {
      'spec/support/jasmine.json': JSON.stringify({ spec_dir: 'spec', spec_files: ['*_spec.js'] }),
      'spec/a_spec.js': `describe('s', () => {
        it('ok', () => expect(1).toBe(1));
        it('bad', () => expect(1).toBe(2));
        xit('later', () => {});
      });`,
    },
    {
      'spec/a_spec.js › s › ok': 'passed',
      'spec/a_spec.js › s › bad': 'failed',
      'spec/a_spec.js › s › later': 'skipped',
    },
    'jasmine',
  ],
  [
    'lab',
    `${bin}/lab -r console -o stdout -r junit -o /tmp/lab.xml`,
    {
      'test/a.js': `const lab = (exports.lab = require('@hapi/lab').script());
        lab.experiment('s', () => {
          lab.test('ok', () => {});
          lab.test('bad', () => { throw new Error('boom'); });
        });`,
    },
    { 'test/a.js › s › ok': 'passed', 'test/a.js › s › bad': 'failed' },
    'lab',
  ],
];
test.each(table)('the results of each test are read of %s', async (_, script, files, outcomes, runner) => {
  if (!isInstalled()) return;
  const more = { first: 'node a.js', second: `${bin}/tap --no-coverage` };
  const result = await run(script, files, { folder: 'service', more });
  const inFolder = Object.fromEntries(Object.entries(outcomes).map(([id, one]) => [`service/${id}`, one]));
  expect(result.outcomes).toEqual(inFolder);
  // AVA alone runs its tests in processes of their own.
  expect(result).toMatchObject({
    runner,
    ended: 'exited',
    reportedBy: runner === 'ava' ? 'runner' : 'tests',
  });
  expect(result.remark).toBeUndefined();
});

test('tests that have ended are not waited for, and what keeps the command running is named', async () => {
  if (!isInstalled()) return;
  const files = {
    'test/a.js': "it('ok', (done) => { require('node:net').createServer().listen(3456, done); });",
  };
  expect(await run(`${bin}/mocha --watch`, files)).toMatchObject({
    ended: 'did-not-exit',
    exitCode: null,
    outcomes: { 'test/a.js › ok': 'passed' },
    remark:
      'The tests finished, but the command did not exit: a server on port 3456 (node /node_modules/.bin/mocha --watch) keeps it running. ' +
      'The tests ran without `--watch`, because with it the command never ends.',
  });
});
