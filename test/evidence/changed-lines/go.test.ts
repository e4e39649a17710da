import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addGo, nameGoFile } from '../../../src/evidence/changed-lines/measure-go.js';
import { addRecords, noRecords } from '../../../src/evidence/changed-lines/read-records.js';
import { recordCoverage } from '../../../src/evidence/changed-lines/record-coverage.js';
import { makeSandboxFolder, type Sandboxes } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { runTool, toolPaths } from '../../support/registries/find-tools.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { writeTree } from '../runners/write-tree.js';

const nothing = { lines: 0, reached: 0, unreached: [], notes: [] };
const price = `package price

import "errors"

// Discount takes off a part.
func Discount(price, percent int) (int, error) {
	if percent > 100 {
		return 0, errors.New("too much")
	}
	// Nothing is left.
	if percent == 100 { return 0, nil }
	return price -
		price*percent/100, nil
}
`;
const allLines = price.split('\n').map((_, index) => index + 1);
const file = {
  path: 'price/price.go',
  name: 'example.org/shop/price/price.go',
  text: price,
  lines: allLines,
};

describe('a cover profile', () => {
  const profile = [
    'example.org/shop/price/price.go:6.49,7.19 1 1',
    'example.org/shop/price/price.go:7.19,9.3 1 0',
    'example.org/shop/price/price.go:11.2,11.20 1 1',
    'example.org/shop/price/price.go:11.20,11.36 1 0',
    'example.org/shop/price/price.go:12.2,13.25 1 1',
  ];
  const read = (lines: readonly string[]) => {
    const records = noRecords();
    addRecords(records, lines.map((go) => JSON.stringify({ go })).join('\n'), 0);
    return records;
  };

  test('says which lines of code run', () => {
    expect(addGo(nothing, [file], read(profile))).toEqual({
      ...{ lines: 5, reached: 4, notes: [] },
      unreached: [{ file: 'price/price.go', lines: [8] }],
    });
  });
  test('that lacks a file with functions is no measurement', () => {
    const types = { ...file, path: 'types.go', name: 'x/types.go', text: 'package x\n\ntype A struct{}\n' };
    const homeless = { ...file, path: 'b.go', name: null };
    expect(addGo(nothing, [file, types, homeless], read([]))).toEqual({
      ...nothing,
      notes: ['price/price.go', 'b.go'].map(
        (one) => `Pullwright could not measure which lines of ${one} run in tests.`,
      ),
    });
  });
});

test.each([
  ['a.go', { 'go.mod': 'module example.org/x // main\n' }, 'example.org/x/a.go'],
  ['b/c/a.go', { 'go.mod': 'module x\n', 'b/go.mod': 'go 1.20\nmodule "y/b"\n' }, 'y/b/c/a.go'],
  ['a.go', {}, null],
])('the name of %s with %j', async (name, files: Record<string, string>, expected) => {
  expect(await nameGoFile(name, async (one) => files[one] ?? null)).toBe(expected);
});

const go = await runTool('go', ['version']).catch(() => null);
if (!go) console.log('skipped, Go is not in /usr and not in SANDBOX_TOOL_PATHS');
const withGo = go ? describe : describe.skip;

withGo('real tests of Go', () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let sandboxes: Sandboxes;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    sandboxes = await openTestSandboxes(folder.path, 1024, toolPaths);
  });
  afterAll(() => folder.remove());

  test.each([
    ['go', 'go test ./...'],
    ['command', 'make test'],
  ])('are measured: %s', async (runner, command) => {
    const tree = path.join(folder.path, runner);
    const home = path.join(folder.path, `${runner}-home`);
    await writeTree(
      tree,
      {
        'go.mod': 'module example.org/shop\n\ngo 1.17\n',
        Makefile: 'test:\n\tgo test ./price\n\tgo test ./other\n',
        'price/price.go': price,
        'price/price_test.go':
          'package price\n\nimport "testing"\n\nfunc TestDiscount(t *testing.T) {\n\tif got, _ := Discount(200, 10); got != 180 {\n\t\tt.Fatal(got)\n\t}\n}\n',
        'other/other_test.go': 'package other\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) {}\n',
      },
      sandboxes.uid,
    );
    await makeSandboxFolder(home, sandboxes.uid);
    const sandbox = sandboxes.open([
      { from: tree, to: '/workspace', writable: true },
      { from: home, to: '/home/agent', writable: true },
    ]);
    const one = { command, folder: '', runner, takesArguments: false };
    const records = await recordCoverage(sandbox, [one], ['price/price.go'], 200_000);
    await sandbox.dispose();
    expect(addGo(nothing, [file], records)).toEqual({
      ...{ lines: 5, reached: 4, notes: [] },
      unreached: [{ file: 'price/price.go', lines: [8] }],
    });
  });
});
