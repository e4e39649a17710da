import { describe, expect, test } from '@jest/globals';
import { findLeftBehind, findUnsure, type Writers } from '../../src/evidence/find-left-behind.js';
import type { Change } from '../../src/workspace/workspace.js';

const nobody: Writers = { edited: [], keep: [], testsWrote: [], beforeWrote: [] };
const one = (path: string, status: Change['status'] = 'added', from?: string) =>
  ({
    path,
    status,
    blob: status === 'deleted' ? null : `of ${path}`,
    ...(from !== undefined && { from }),
  }) as Change;
const source = one('src/a.js', 'modified');
const find = (changes: Change[], writers: Partial<Writers> = {}) =>
  findLeftBehind([source, ...changes], { ...nobody, ...writers });
const unsure = (
  changes: Change[],
  writers: Partial<Writers> = {},
  after: string[] = [],
  basePaths: string[] = [],
) =>
  findUnsure(
    [source, ...changes],
    { ...nobody, ...writers },
    after.map((path) => ({ path, blob: 'x' })),
    basePaths,
  );
/** A run of the tests left these files as they are in the change. */
const wrote = (...paths: string[]) => ({
  testsWrote: paths.map((path) => ({ path, blob: `of ${path}`, isSure: true })),
});

describe('a file that is as a run of the tests left it', () => {
  test.each<[string, Change]>([
    ['a new file', one('report.xml')],
    ['a tracked file', one('data/stats.json', 'modified')],
  ])('is left out: %s', (_, change) => {
    expect(find([change], wrote(change.path))).toEqual([change.path]);
    const beforeWrote = [{ path: change.path, blob: change.blob }];
    expect(find([change], { beforeWrote })).toEqual([change.path]);
  });

  test('is left out if the tests deleted it in the agent’s tree, but not because they do so on the base', () => {
    const gone = { path: 'data/stats.json', blob: null };
    const deleted = one(gone.path, 'deleted');
    expect(find([deleted], { testsWrote: [{ ...gone, isSure: true }] })).toEqual([gone.path]);
    expect(find([deleted], { beforeWrote: [gone] })).toEqual([]);
  });

  test('stays if something else wrote it before or after, and the agent is asked', () => {
    const change = one('src/b.ts', 'modified');
    const other = { path: change.path, blob: 'other' };
    for (const writers of [
      { testsWrote: [{ ...other, isSure: true }] },
      { testsWrote: [{ ...other, blob: change.blob, isSure: false }] },
      { beforeWrote: [other] },
    ]) {
      expect(find([change], writers)).toEqual([]);
      expect(unsure([change], writers)).toEqual([change.path]);
    }
  });

  test('stays if it was renamed', () => {
    expect(find([one('b.json', 'renamed', 'a.json')], wrote('a.json', 'b.json'))).toEqual([]);
  });

  test('stays if nothing else changed, because the agent meant it', () => {
    const change = one('a.snap', 'modified');
    expect(findLeftBehind([change], { ...nobody, ...wrote('a.snap') })).toEqual([]);
    expect(findLeftBehind([], nobody)).toEqual([]);
  });
});

describe('a file belongs to the change', () => {
  test('if the agent wrote it with a tool that names it', () => {
    expect(find([one('client.ts')], { ...wrote('client.ts'), edited: ['client.ts'] })).toEqual([]);
  });

  test.each(['src/gen', './src/gen/', '/workspace/src/gen', 'src/gen/**', 'src/**/*.ts', '.', '/workspace'])(
    'if the agent says so: %s',
    (keep) => {
      const changes = [one('src/gen/x.ts'), one('src/gen/deep/y.ts')];
      const writers = { ...wrote(...changes.map(({ path }) => path)), keep: [keep] };
      expect(find(changes, writers)).toEqual([]);
      expect(unsure(changes, writers)).toEqual([]);
    },
  );

  test('but not because another path begins alike, or is named like a pattern', () => {
    expect(find([one('src/generated.ts')], { ...wrote('src/generated.ts'), keep: ['src/gen'] })).toHaveLength(
      1,
    );
    expect(find([one('d/a[b].ts')], { ...wrote('d/a[b].ts'), keep: ['d/a[b].ts'] })).toEqual([]);
    expect(find([one('e/x.ts')], { ...wrote('e/x.ts'), keep: ['d/*.ts', 'd'] })).toEqual(['e/x.ts']);
  });

  test('if it is a lockfile and a manifest changed', () => {
    const lockfile = one('Cargo.lock', 'modified');
    expect(find([lockfile], wrote('Cargo.lock'))).toEqual(['Cargo.lock']);
    expect(find([lockfile, one('crates/a/Cargo.toml', 'modified')], wrote('Cargo.lock'))).toEqual([]);
  });

  test('if it is the snapshot of a changed test', () => {
    const changes = [one('test/__snapshots__/a.test.js.snap'), one('test/__snapshots__/b.test.js.snap')];
    const all = [...changes, one('test/a.test.js', 'modified')];
    expect(find(all, wrote(...changes.map(({ path }) => path)))).toEqual([
      'test/__snapshots__/b.test.js.snap',
    ]);
  });
});

describe('new files that tools and builds write', () => {
  test.each([
    'api/__pycache__/a.cpython-312.pyc',
    'shop.egg-info/PKG-INFO',
    'tsconfig.tsbuildinfo',
    '.coverage',
    'npm-debug.log',
  ])('are left out if nobody else writes such files: %s', (path) => {
    expect(find([one(path)])).toEqual([path]);
    expect(find([one(path, 'modified')])).toEqual([]);
    expect(find([one(path)], { keep: [path] })).toEqual([]);
  });

  test.each([
    'coverage/lcov.info',
    'api/dist/index.js',
    'target/debug/shop',
    'src/coverage/coverage.service.ts',
  ])('stay if people write such files, too, and the agent is asked: %s', (path) => {
    expect(find([one(path)])).toEqual([]);
    expect(unsure([one(path)])).toEqual([path]);
    expect(unsure([one(path)], { edited: [path] })).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['bin/cli.js', []],
    ['src/distance.js', []],
    ['build.js', []],
    // The base commit has files in this folder, so people look at them.
    ['dist/new.js', ['dist/old.js']],
  ])('are nothing special elsewhere: %s', (path, basePaths) => {
    expect(find([one(path)])).toEqual([]);
    expect(unsure([one(path)], {}, [], basePaths)).toEqual([]);
  });

  test('are known if the tests of the change write them again', () => {
    expect(unsure([one('two.csv'), one('b.js', 'modified')], {}, ['two.csv', 'b.js', 'src/a.js'])).toEqual([
      'two.csv',
    ]);
  });
});
