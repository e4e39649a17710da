import { describe, expect, test } from '@jest/globals';
import { findCodeLines } from '../../../src/evidence/changed-lines/find-code-lines.js';
import { measureCoverage } from '../../../src/evidence/changed-lines/measure-coverage.js';
import { addRecords, noRecords } from '../../../src/evidence/changed-lines/read-records.js';

const text = 'export const a = () => 1;\nexport const b = () => {\n  return 2;\n};\n';
const file = (path: string, content = text) => ({
  path,
  text: content,
  lines: findCodeLines(path, content) ?? [],
});
const ran = { file: 'src/a.js', code: 'x', startColumn: 0, ranges: [0, text.length, 1, 44, 65, 0] };
const code = { code: 'x', text, map: null };
const record = (more: object = {}) => ({
  pid: 2,
  ppid: 1,
  loaded: ['src/a.js', 'test/a.test.js'],
  scripts: [ran],
  ...more,
});
const readText = (text: string) => {
  const records = noRecords();
  addRecords(records, text, 0);
  return records;
};
const read = (...lines: object[]) => readText(lines.map((line) => JSON.stringify(line)).join('\n'));
const unmeasured = (path: string) => `Pullwright could not measure which lines of ${path} run in tests.`;

describe('changed lines', () => {
  test('are reached if any process ran them, and belong to the tests of this process', () => {
    const all = { ...ran, ranges: [0, text.length, 1] };
    const child = record({ pid: 3, ppid: 2, loaded: ['src/a.js'], scripts: [all] });
    const tests = ['test/a.test.js'];
    expect(measureCoverage([file('src/a.js')], read(record(), code), tests)).toEqual({
      coverage: { lines: 3, reached: 2, unreached: [{ file: 'src/a.js', lines: [3] }], notes: [] },
      reach: [{ file: 'src/a.js', lines: [1, 2], tests }],
    });
    const { coverage, reach } = measureCoverage([file('src/a.js')], read(record(), child, code), tests);
    expect(coverage).toMatchObject({ reached: 3, unreached: [] });
    expect(reach).toEqual([{ file: 'src/a.js', lines: [1, 2, 3], tests }]);
    const orphan = measureCoverage([file('src/a.js')], read({ ...child, ppid: 9 }, code), tests);
    expect(orphan.reach).toMatchObject([{ tests: null }]);
  });

  test('are not reached in a file that no process loads', () => {
    const { coverage } = measureCoverage([file('src/new.js')], read(record(), code), ['test/a.test.js']);
    expect(coverage).toMatchObject({ lines: 3, reached: 0, unreached: [{ lines: [1, 2, 3] }], notes: [] });
  });

  test('are not called unreached if a test file could not be measured', () => {
    const { coverage } = measureCoverage([file('src/a.js')], read(record(), code), ['test/b.test.js']);
    expect(coverage).toMatchObject({ lines: 0, reached: 0, unreached: [] });
    expect(coverage.notes).toEqual([
      'At least 2 of 3 changed lines run in tests. The others may run in tests that could not be measured: test/b.test.js.',
    ]);
  });

  test.each([
    ['nothing was recorded', 'src/a.js', []],
    ['other code ran under its name', 'src/a.js', [record(), { ...code, text: `// built\n${text}` }]],
    ['the code that ran was not recorded', 'src/a.js', [record()]],
    [
      'a file that seems to be built from it ran',
      'src/a.js',
      [record({ loaded: ['lib/a.js'], scripts: [] })],
    ],
    ['no TypeScript ran', 'src/a.ts', [record(), code]],
  ])('are unknown if %s', (_why, path, lines: object[]) => {
    const { coverage, reach } = measureCoverage([file(path)], read(...lines), []);
    expect(coverage).toEqual({ lines: 0, reached: 0, unreached: [], notes: [unmeasured(path)] });
    expect(reach).toEqual([]);
  });

  test('are found although Node replaced the types by spaces', () => {
    const typed = 'export const a = (b: number) => b;\n';
    const stripped = { ...code, text: typed.replace(': number', '        ') };
    const script = { ...ran, file: 'src/a.ts', ranges: [0, typed.length, 1] };
    const records = read(record({ loaded: ['src/a.ts'], scripts: [script] }), stripped);
    expect(measureCoverage([file('src/a.ts', typed)], records, []).coverage).toMatchObject({ reached: 1 });
  });
});

describe('what test code wrote in place of a record', () => {
  test.each([
    ['is no JSON', '{"pid":'],
    ['has other types', JSON.stringify(record({ loaded: 'all' }))],
    ['has negative offsets', JSON.stringify(record({ scripts: [{ ...ran, ranges: [-1, 2, 1] }] }))],
  ])('is left out if it %s', (_what, line) => {
    expect(readText(`${line}\n${JSON.stringify(code)}`)).toEqual({
      ...noRecords(),
      codes: new Map([['x', code]]),
    });
  });

  test('names files outside of the change without effect', () => {
    const map = { sources: ['../../etc/passwd', '/etc/passwd'], mappings: '!!!' };
    const records = read(record({ loaded: ['../../etc/passwd'] }), { ...code, map });
    expect(measureCoverage([file('src/a.js')], records, []).coverage.lines).toBe(3);
  });

  test('can be large and crossed, and is read in time', () => {
    const ranges = Array.from({ length: 90_000 }, (_, index) =>
      index % 3 === 2 ? 1 : (index * 7919) % 1000,
    );
    const records = read(...Array.from({ length: 5 }, () => record({ scripts: [{ ...ran, ranges }] })), code);
    expect(measureCoverage([file('src/a.js')], records, []).coverage.lines).toBe(3);
  });
});
