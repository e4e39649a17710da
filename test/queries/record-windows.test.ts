import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findRunner } from '../../src/evidence/commands/find-runner.js';
import { readFiles, recordWindows } from '../../src/evidence/record-windows.js';
import { hasPytest } from '../evidence/runners/has-pytest.js';
import { useNodeRunners } from '../evidence/runners/use-node-runners.js';

/*
 * Runners that this repository does not install come from the npm registry. Without a registry, their tests
 * do not run.
 */
const runners = useNodeRunners(['vitest@3.2.4', 'mocha@11.7.2']);
const ownModules = { from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false };

/** Tests that replace the clock. */
const body = `
  describe('orders', () => {
    test('first', async () => {
      Date.now = () => 0;
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    test.skip('skipped', () => {});
    test('second', () => {});
  });
`;
const nodeTest = `const { describe, test } = require('node:test');${body}`;
const wanted = 'test/a.test.js';
const other = 'test/b.test.js';
const bin = '/node_modules/.bin';

async function record(script: string, files: Record<string, string>) {
  const scripts = { test: script };
  const sandbox = await runners.open({ 'package.json': JSON.stringify({ scripts }), ...files }, [ownModules]);
  try {
    const command = { command: 'npm test', folder: '', ...findRunner(script, scripts) };
    const [file = ''] = Object.keys(files);
    return (await recordWindows(sandbox, [command], [file], Date.now() + 60_000)).get(file);
  } finally {
    await sandbox.dispose();
  }
}

const table: [string, string, Record<string, string>][] = [
  ['node:test', 'node --test', { [wanted]: nodeTest, [other]: nodeTest }],
  ['a file of node:test', `node ${wanted}`, { [wanted]: nodeTest }],
  ['Jest', '/opt/node_modules/.bin/jest', { [wanted]: body, [other]: body }],
  [
    'Mocha',
    `${bin}/mocha`,
    { [wanted]: body.replaceAll('test', 'it'), [other]: body.replaceAll('test', 'it') },
  ],
  [
    'Vitest',
    `${bin}/vitest run`,
    {
      [wanted]: `import { describe, test } from 'vitest';${body}`,
      [other]: "throw new Error('not wanted');",
    },
  ],
];

const isHere = (name: string) => !/Mocha|Vitest/.test(name) || runners.isInstalled();

describe('the starts of the tests of one file', () => {
  test.each(table)('%s', async (name, script, files) => {
    if (!isHere(name)) return;
    const starts = await record(script, files);
    const names = starts?.map((one) => one.name).filter((one) => !one.includes('skipped'));
    expect(names).toEqual(['orders › first', 'orders › second']);
    const [first, second] = [starts?.at(0)?.at ?? 0, starts?.at(-1)?.at ?? 0];
    expect(second - first).toBeGreaterThanOrEqual(199);
    expect(Math.abs(Date.now() - second)).toBeLessThan(120_000);
  });

  test('files of node:test run in one command, one after the other', async () => {
    const count = "require('node:fs').appendFileSync('/workspace/commands', process.ppid + ' ');";
    const sandbox = await runners.open({ [wanted]: count + nodeTest, [other]: count + nodeTest });
    const tests = [{ command: 'node --test', folder: '', ...findRunner('node --test', {}) }];
    const recorded = await recordWindows(sandbox, tests, [wanted, other], Date.now() + 60_000);
    const { stdout } = await sandbox.execute({ script: 'cat commands', timeoutMs: 10_000 });
    await sandbox.dispose();
    const [first, second] = [recorded.get(wanted) ?? [], recorded.get(other) ?? []];
    for (const windows of [first, second])
      expect(windows.map(({ name }) => name)).toEqual(['orders › first', 'orders › second']);
    expect(second[0]?.at).toBeGreaterThan(first.at(-1)?.until ?? Infinity);
    const [one, two, ...more] = stdout.trim().split(' ');
    expect([two, more]).toEqual([one, []]);
  });

  const testPython = hasPytest() ? test : test.skip;
  testPython('pytest', async () => {
    const sandbox = await runners.open({
      'test_a.py': 'import time\n\ndef test_first():\n    time.sleep(0.2)\n\ndef test_second():\n    pass\n',
      'test_b.py': 'def test_other():\n    pass\n',
    });
    const command = '/usr/bin/python3 -m pytest';
    const tests = [{ command, folder: '', ...findRunner(command, {}), takesArguments: true }];
    const deadline = Date.now() + 60_000;
    const starts = (await recordWindows(sandbox, tests, ['test_a.py'], deadline)).get('test_a.py');
    await sandbox.dispose();
    expect(starts?.map(({ name }) => name)).toEqual(['test_first', 'test_second']);
    expect((starts?.[1]?.at ?? 0) - (starts?.[0]?.at ?? 0)).toBeGreaterThanOrEqual(199);
  });

  test('are unknown for tests that run at the same time', async () => {
    const concurrent = nodeTest.replace("describe('orders', ", "describe('orders', { concurrency: 2 }, ");
    const slow = concurrent.replace("'second', () => {}", "'second', (t, done) => setTimeout(done, 300)");
    expect(await record('node --test', { [wanted]: slow })).toBeNull();
    expect(await record('node --test', { [wanted]: concurrent })).toBeNull();
    const jest = body.replaceAll("test('", "test.concurrent('").replace('test.skip', 'test.concurrent.skip');
    expect(await record('/opt/node_modules/.bin/jest', { [wanted]: jest })).toBeNull();
  });

  test('do not keep other programs from running', async () => {
    const files = { [wanted]: nodeTest, 'server.js': '' };
    const script = 'node server && node -e "1" nowhere && node --test "test/*.test.js"';
    expect((await record(script, files))?.map(({ name }) => name)).toContain('orders › second');
  });
});

describe('events', () => {
  const file = '/workspace/a.js';
  const line = (type: string, at: number, ...names: string[]) => JSON.stringify({ type, at, file, names });
  const until = 100;
  const read = (...lines: string[]) => readFiles(lines.join('\n'), ['a.js'], 0, until).get('a.js') ?? null;

  test('can be nested, out of order, without an end, or nonsense', () => {
    expect(
      read(
        ...[line('start', 20, 'b'), 'nonsense', '{"type":"start"}', line('start', 25, 'b', 'inner')],
        ...[line('end', 26, 'b', 'inner'), line('end', 27, 'b'), line('end', 28, 'skipped')],
        ...[line('start', 10, 'a'), line('end', 15, 'a'), line('start', 30, 'c')],
      ),
    ).toEqual([
      { name: 'a', at: 10, until: 15 },
      { name: 'b', at: 20, until: 25 },
      { name: 'b › inner', at: 25, until: 26 },
      { name: 'b', at: 26, until: 27 },
      { name: 'c', at: 30, until },
    ]);
  });
  describe('of several files in one command', () => {
    const event =
      (name: string) =>
      (type: string, at: number, ...names: string[]) =>
        JSON.stringify({ type, at, file: `/workspace/${name}`, names });
    const [a, b] = [event('a.js'), event('b.js')];
    const readBoth = (...lines: string[]) =>
      Object.fromEntries(readFiles(lines.join('\n'), ['a.js', 'b.js'], 0, until));
    const ofA = [a('load', 1), a('start', 2, 'one'), a('end', 4, 'one'), a('start', 5, 'two')];

    test('count if one process ends before the next one starts', () => {
      expect(
        readBoth(
          ...ofA,
          a('exit', 8),
          b('load', 9),
          b('start', 10, 'one'),
          b('end', 11, 'one'),
          b('exit', 12),
        ),
      ).toEqual({
        'a.js': [
          { name: 'one', at: 2, until: 4 },
          { name: 'two', at: 5, until: 8 },
        ],
        'b.js': [{ name: 'one', at: 10, until: 11 }],
      });
    });
    test('do not count if the processes ran at the same time, or if the end of one is not known', () => {
      const ofB = [b('start', 10, 'one'), b('end', 11, 'one'), b('exit', 12)];
      expect(readBoth(...ofA, a('exit', 8), b('load', 7), ...ofB)).toEqual({});
      expect(readBoth(...ofA, b('load', 9), ...ofB)).toEqual({});
      expect(readBoth(...ofA, a('exit', 8), event('c.js')('load', 9))).toEqual({});
    });
  });
  test.each([
    ['nothing', []],
    ['tests at the same time', [line('start', 1, 'a'), line('start', 2, 'b'), line('end', 3, 'b')]],
    ['a test of another file', [line('start', 1, 'a'), line('end', 2, 'a').replace('a.js', 'b.js')]],
    ['a test that can run beside others', [line('concurrent', 1, 'a')]],
  ])('are no windows: %s', (_, lines) => expect(read(...lines)).toBeNull());
});
