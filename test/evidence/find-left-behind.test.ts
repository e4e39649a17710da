import { describe, expect, test } from '@jest/globals';
import { findLeftBehind, findRewritten, type Writers } from '../../src/evidence/find-left-behind.js';
import type { Change } from '../../src/workspace/workspace.js';

const nobody: Writers = { edited: [], keep: [], testsWrote: [] };
const one = (path: string, status: Change['status'] = 'added', from?: string) =>
  ({ path, status, ...(from !== undefined && { from }) }) as Change;
const source = one('src/a.js', 'modified');
const find = (changes: Change[], writers: Partial<Writers> = {}, basePaths: string[] = []) =>
  findLeftBehind([source, ...changes], { ...nobody, ...writers }, basePaths);

describe('files that the tests wrote', () => {
  test.each<[string, Change, string]>([
    ['a new file', one('report.xml'), 'report.xml'],
    ['a tracked file', one('data/stats.json', 'modified'), 'data/stats.json'],
    ['a deleted file', one('data/stats.json', 'deleted'), 'data/stats.json'],
    ['a file in a written folder', one('reports/html/index.html'), 'reports/'],
  ])('%s is left out', (_, change, written) => {
    expect(find([change], { testsWrote: [written] })).toEqual([change.path]);
  });

  test('both names of a renamed file are looked at', () => {
    const moved = one('b.json', 'renamed', 'a.json');
    expect(find([moved], { testsWrote: ['a.json'] })).toEqual(['a.json']);
    expect(find([moved], { testsWrote: ['b.json'] })).toEqual(['b.json']);
  });

  test('a file stays if the agent wrote it with the editor, or says that it belongs to the change', () => {
    const written = { testsWrote: ['client.ts', 'a.snap', 'gen/'] };
    const changes = [one('client.ts'), one('a.snap'), one('gen/x/y.ts')];
    expect(find(changes, { ...written, edited: ['client.ts'], keep: ['a.snap'] })).toEqual(['gen/x/y.ts']);
    expect(find(changes, { ...written, keep: ['./gen/', 'client.ts'] })).toEqual(['a.snap']);
  });

  test('a path is not in a folder whose name only begins alike', () => {
    expect(find([one('reports.js'), one('src/reports/a.js')], { testsWrote: ['reports/'] })).toEqual([]);
  });

  test('if nothing else changed, everything stays, because the agent meant it', () => {
    const written = { ...nobody, testsWrote: ['a.snap'] };
    expect(findLeftBehind([one('a.snap', 'modified')], written, [])).toEqual([]);
    expect(findLeftBehind([], written, [])).toEqual([]);
  });
});

describe('files that builds and tools write', () => {
  test.each([
    'coverage/lcov.info',
    'api/dist/index.js',
    'api/__pycache__/a.cpython-312.pyc',
    'shop.egg-info/PKG-INFO',
    'target/debug/shop',
    'tsconfig.tsbuildinfo',
    '.coverage',
    'npm-debug.log',
  ])('%s is left out', (path) => expect(find([one(path)])).toEqual([path]));

  test.each([
    ['bin/cli.js', []],
    ['src/distance.js', []],
    ['src/coverage.js', []],
    ['build.js', []],
    // The base commit has files in this folder, so people look at them.
    ['dist/new.js', ['dist/old.js']],
    ['lib/build/step.ts', ['lib/build/plan.ts']],
  ])('%s stays', (path, basePaths) => expect(find([one(path)], {}, basePaths)).toEqual([]));

  test('a tracked file stays', () => {
    expect(find([one('dist/index.js', 'modified')], {}, ['dist/index.js'])).toEqual([]);
  });

  test('a file stays if the agent wrote it with the editor, or says that it belongs to the change', () => {
    expect(find([one('out/a.js'), one('dist/b.js')], { edited: ['out/a.js'], keep: ['dist'] })).toEqual([]);
  });
});

describe('new files that the tests of the change write again', () => {
  const written = ['report.csv', 'src/a.js', 'made.ts', 'told.txt', 'tmp/'];
  const changes = [source, one('report.csv'), one('made.ts'), one('told.txt'), one('tmp/b'), one('other.js')];

  test('are found, apart from those that the agent edited, named or was told about', () => {
    const writers = { edited: ['made.ts'], keep: ['tmp'], testsWrote: ['told.txt'] };
    expect(findRewritten(changes, writers, written)).toEqual(['report.csv']);
    expect(findRewritten(changes, nobody, written)).toEqual(['report.csv', 'made.ts', 'told.txt', 'tmp/b']);
  });
});
