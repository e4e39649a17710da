import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addPython } from '../../../src/evidence/changed-lines/measure-python.js';
import { noRecords } from '../../../src/evidence/changed-lines/read-records.js';
import { recordCoverage } from '../../../src/evidence/changed-lines/record-coverage.js';
import { makeSandboxFolder, type Sandboxes } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { hasPytest } from '../runners/has-pytest.js';
import { writeTree } from '../runners/write-tree.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandboxes: Sandboxes;
let count = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  sandboxes = await openTestSandboxes(folder.path);
});
afterAll(() => folder.remove());

const nothing = { lines: 0, reached: 0, unreached: [], notes: [] };

/** Measures all lines of the product's files, as if a change had added them. */
async function measure(command: string, runner: string, product: Record<string, string>, tests: object) {
  count += 1;
  const tree = path.join(folder.path, String(count));
  await writeTree(tree, { ...product, ...tests }, sandboxes.uid);
  const home = path.join(folder.path, `${count}-home`);
  await makeSandboxFolder(home, sandboxes.uid);
  const sandbox = sandboxes.open([
    { from: tree, to: '/workspace', writable: true },
    { from: home, to: '/home/agent', writable: true },
  ]);
  try {
    const one = { command, folder: '', runner, takesArguments: false };
    const records = await recordCoverage(sandbox, [one], Object.keys(product), 60_000);
    const files = Object.entries(product).map(([name, text]) => ({
      path: name,
      lines: text.split('\n').map((_, index) => index + 1),
    }));
    return addPython(nothing, files, records);
  } finally {
    await sandbox.dispose();
  }
}

const product = {
  'shop/__init__.py': '',
  'shop/price.py': `"""Prices."""
import os


def discount(price, percent):
    """Takes off a part."""
    if percent > 100:
        raise ValueError(
            "too much"
        )
    if percent == 0:
        return price
    return price - price * percent / 100


class Rate:
    name: str
    value = 3

    def total(self):
        return self.value
`,
};
const testCase = `import unittest

from shop.price import discount


class PriceTest(unittest.TestCase):
    def test_discount(self):
        self.assertEqual(discount(200, 10), 180)
`;
const command = 'python3 -m unittest discover -s tests -t .';
const tests = { 'tests/__init__.py': '', 'tests/test_price.py': testCase };
const missed = {
  lines: 11,
  reached: 8,
  unreached: [{ file: 'shop/price.py', lines: [8, 12, 21] }],
  notes: [],
};

describe('the changed lines of Python files that run in tests', () => {
  test('are measured under pytest', async () => {
    if (!hasPytest()) return console.warn('not run: /usr/bin/python3 has no pytest on this machine');
    expect(await measure('/usr/bin/python3 -m pytest', 'pytest', product, tests)).toEqual(missed);
  });

  test('are measured under unittest', async () => {
    expect(await measure(command, 'unittest', product, tests)).toEqual(missed);
  });

  test('are measured in processes and threads that the tests start', async () => {
    const more = `
    def test_others(self):
        import subprocess, sys, threading
        thread = threading.Thread(target=lambda: discount(200, 0))
        thread.start()
        thread.join()
        script = "import os; from shop.price import Rate; Rate().total(); os._exit(0)"
        subprocess.run([sys.executable, "-c", script], check=True)
`;
    const others = { ...tests, 'tests/test_price.py': testCase + more };
    expect(await measure(command, 'unittest', product, others)).toEqual({
      ...missed,
      reached: 10,
      unreached: [{ file: 'shop/price.py', lines: [8] }],
    });
  });

  test('count as not reached if no test loads their file, and are not known if it cannot be read', async () => {
    const more = { ...product, 'shop/other.py': 'value = 1\n', 'shop/broken.py': 'def (\n' };
    expect(await measure(command, 'unittest', more, tests)).toEqual({
      lines: 12,
      reached: 8,
      unreached: [...missed.unreached, { file: 'shop/other.py', lines: [1] }],
      notes: ['Pullwright could not measure which lines of shop/broken.py run in tests.'],
    });
  });

  test('are not known if the tests record lines themselves', async () => {
    const tracing = { ...tests, 'tests/__init__.py': 'import sys\nsys.settrace(lambda *_: None)\n' };
    const { lines, notes } = await measure(command, 'unittest', product, tracing);
    expect(lines).toBe(0);
    expect(notes).toContain('Pullwright could not measure which lines of shop/price.py run in tests.');
  });

  test('do not keep a sitecustomize of the repository from being loaded', async () => {
    const customized = {
      ...tests,
      'sitecustomize.py': 'import builtins\nbuiltins.loaded = True\n',
      'tests/test_price.py': `${testCase}        self.assertTrue(loaded)\n        discount(1, 0)\n`,
    };
    const hidden = `PYTHONPATH="$PYTHONPATH:/workspace" ${command}`;
    expect(await measure(hidden, 'unittest', product, customized)).toEqual({
      ...missed,
      reached: 9,
      unreached: [{ file: 'shop/price.py', lines: [8, 21] }],
    });
  });
});

test('records that test code wrote cannot name lines that do not run', () => {
  const records = noRecords();
  records.python.code.set('a.py', new Set([1, 2]));
  records.python.ran.set('a.py', new Set([2, 99]));
  expect(addPython(nothing, [{ path: 'a.py', lines: [1, 2, 3] }], records)).toEqual({
    ...{ lines: 2, reached: 1, unreached: [{ file: 'a.py', lines: [1] }], notes: [] },
  });
});
