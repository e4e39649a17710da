import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { describeFailure } from '../../src/evidence/runners/parsers/describe-failure.js';

/** Reads a file that a real runner wrote. In each project, one test compares, one throws in a library. */
function fixture(name: string): string {
  const url = new URL(`../fixtures/reports/failures/${name}`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
}

function failuresOf(runner: string, text: string, printed: string) {
  const command = { command: 'x', folder: '', runner, takesArguments: false };
  const { cases } = parseReports(command, [{ runner, text }], printed);
  return Object.fromEntries(
    cases.flatMap(({ id, reported }) => (reported ? [[id, describeFailure(reported)]] : [])),
  );
}
const read = (runner: string, name = runner) =>
  failuresOf(runner, fixture(`${name}.report`), fixture(`${name}.printed`));

const lines = (...texts: string[]) => texts.join('\n');
/** A failure that shows the error alone. */
const error = (...texts: string[]) => ({ error: lines(...texts), output: '' });

const notJson = "SyntaxError: Expected property name or '}' in JSON at position 1";
const notJsonInRuby = "859: unexpected token at '{nope'";
const notJsonInPython =
  'json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)';

describe('a failure is described with the frames in the repository', () => {
  test('of node:test, with the error of a file that does not load', () => {
    expect(read('node:test', 'node-test')).toEqual({
      'test/a.test.js › compares': {
        error: lines(
          'AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal:',
          '+ actual - expected',
          '',
          '  {',
          '+   total: 2',
          '-   total: 3',
          '  }',
          '    at TestContext.<anonymous> (test/a.test.js:3:73)',
        ),
        output: 'total is being computed',
      },
      'test/a.test.js › own words': error(
        'AssertionError [ERR_ASSERTION]: the total is wrong',
        '    at TestContext.<anonymous> (test/a.test.js:4:34)',
        'expected: 3',
        'actual: 2',
      ),
      'test/a.test.js › throws in the library': error(
        notJson,
        '    at exports.parse (src/lib.js:1:29)',
        '    at TestContext.<anonymous> (test/a.test.js:5:43)',
      ),
      'test/a.test.js › cause': error(
        'Error: cannot load',
        '    at TestContext.<anonymous> (test/a.test.js:6:29)',
        'caused by: TypeError: inner',
        '    at TestContext.<anonymous> (test/a.test.js:6:63)',
      ),
      'test/b.test.js': {
        error: expect.stringMatching(
          /Error: Cannot find module '.\/missing'\n[\s\S]*\n {4}at Object\.<anonymous> \(test\/b\.test\.js:1:1\)\n {2}code/,
        ),
        output: '',
      },
      'test/c.test.js': {
        error: expect.stringMatching(
          /^\/workspace\/test\/c\.test\.js:1\nconst x = ;\n {10}\^\n\nSyntaxError: Unexpected token ';'\n/,
        ),
        output: '',
      },
    });
  });

  test('of Jest', () => {
    expect(read('jest')).toEqual({
      'a.test.js › compares': {
        error: lines(
          'Error: expect(received).toEqual(expected) // deep equality',
          '',
          '- Expected  - 1',
          '+ Received  + 1',
          '',
          '  Object {',
          '-   "total": 3,',
          '+   "total": 2,',
          '  }',
          '    at Object.<anonymous> (a.test.js:2:107)',
        ),
        output: expect.stringMatching(/^ +console\.log\n +hello from the test\n/),
      },
      'a.test.js › throws': error(
        notJson,
        '    at Object.exports.parse (src/lib.js:1:29)',
        '    at Object.<anonymous> (a.test.js:3:28)',
      ),
      'b.test.js': {
        error: expect.stringMatching(
          /^Cannot find module '\.\/missing\.js' from 'b\.test\.js'\n[\s\S]*\n +at Object\.<anonymous> \(b\.test\.js:1:1\)$/,
        ),
        output: '',
      },
      'c.test.js': {
        error: expect.stringMatching(
          /\n +\/workspace\/c\.test\.js:1\n +const x = ;\n[\s\S]*SyntaxError: Unexpected/,
        ),
        output: '',
      },
    });
  });

  test('of Vitest', () => {
    expect(read('vitest')).toEqual({
      'a.test.js › compares': {
        error: lines(
          'AssertionError: expected { total: 2 } to deeply equal { total: 3 }',
          '    at a.test.js:3:107',
        ),
        output: 'hello from the test',
      },
      'a.test.js › throws': error(notJson, '    at Module.parse (src/lib.js:1:34)', '    at a.test.js:4:28'),
      'b.test.js': error("Cannot find module './missing.js' imported from /workspace/b.test.js"),
      'c.test.js': error(
        'Parse failure: Parse failed with 1 error:',
        'Unexpected token',
        '1: const x = ;',
        '             ^',
        'At file: /c.test.js:1:10',
      ),
    });
  });

  test('of Mocha, with the values that an assertion compared', () => {
    expect(read('mocha')).toMatchObject({
      'test/a.test.js › lib › chai': error(
        'AssertionError: expected { total: 2 } to deeply equal { total: 3 }',
        '    at Context.<anonymous> (test/a.test.js:4:74)',
        'expected: {',
        '  "total": 3',
        '}',
        'actual: {',
        '  "total": 2',
        '}',
      ),
      'test/a.test.js › lib › throws': error(
        notJson,
        '    at exports.parse (src/lib.js:1:29)',
        '    at Context.<anonymous> (test/a.test.js:5:27)',
      ),
      'test/a.test.js › lib › hook › never': error(
        '"before all" hook for "never": no database',
        'Error: no database',
        '    at Context.<anonymous> (test/a.test.js:7:48)',
      ),
    });
  });

  test('of pytest, with the code of the test and what it printed', () => {
    expect(read('pytest')).toEqual({
      'test_a.py › test_compares': {
        error: expect.stringMatching(
          /^ {4}def test_compares\(\):\n[\s\S]*\nE {7}AssertionError: assert \{'total': 2\} == \{'total': 3\}\n[\s\S]*\ntest_a\.py:7: AssertionError$/,
        ),
        output: lines(
          'Captured stdout call:',
          'hello from the test',
          '',
          'Captured log call:',
          'WARNING  root:test_a.py:6 careful',
        ),
      },
      'test_a.py › test_throws': error(
        notJsonInPython,
        '    def test_throws():',
        '>       lib.parse("{nope")',
        'test_a.py:10:',
        '    return json.loads(text)',
        'lib.py:4: in parse',
      ),
      'test_b.py': error(
        "ImportError while importing test module '/workspace/test_b.py'.",
        'Hint: make sure your test modules/packages have valid Python names.',
        'Traceback:',
        'test_b.py:1: in <module>',
        '    import nothing_here',
        "E   ModuleNotFoundError: No module named 'nothing_here'",
      ),
      'test_c.py': {
        error: expect.stringMatching(
          /\nE {5}File "\/workspace\/test_c\.py", line 1\n[\s\S]*SyntaxError: invalid syntax$/,
        ),
        output: '',
      },
    });
  });

  test('of unittest', () => {
    expect(read('unittest')).toMatchObject({
      'test_a.py › A › test_throws': {
        error: expect.stringMatching(
          /^Traceback [^\n]*\n {2}File "test_a\.py", line 10, in test_throws\n[^\n]*\n {2}File "lib\.py", line 4, in parse\n(?: {4}[^\n]*\n)+json\.decoder/,
        ),
      },
      'test_b.py': error(
        'ImportError: Failed to import test module: test_b',
        'Traceback (most recent call last):',
        '  File "test_b.py", line 1, in <module>',
        '    import nothing_here',
        "ModuleNotFoundError: No module named 'nothing_here'",
      ),
    });
  });

  test('of Go, with the errors of the compiler and without the frames of Go itself', () => {
    expect(read('go')).toEqual({
      'example.org/x › TestCompares': error('hello from the test', '    a_test.go:11: total: got 2, want 3'),
      'example.org/x/pan › TestPanics': error(
        'panic: runtime error: index out of range [0] with length 0 [recovered]',
        '\tpanic: runtime error: index out of range [0] with length 0',
        '',
        'goroutine 20 [running]:',
        'example.org/x/pan.first(...)',
        '\tpan/p_test.go:6',
        'example.org/x/pan.TestPanics(0x0?)',
        '\tpan/p_test.go:10 +0x18',
      ),
      'example.org/x/sub': error('sub/s_test.go:6:2: undefined: undefinedThing'),
    });
  });

  test('of RSpec', () => {
    expect(read('rspec')).toMatchObject({
      'spec/a_spec.rb › lib › throws': error(
        'Failure/Error: def parse(text) = JSON.parse(text)',
        '',
        'JSON::ParserError:',
        `  ${notJsonInRuby}`,
        "./lib/lib.rb:2:in `parse'",
        "./spec/a_spec.rb:4:in `block (2 levels) in <top (required)>'",
      ),
    });
  });

  test('of Minitest', () => {
    expect(read('minitest')).toEqual({
      'test/a_test.rb › ATest › test_compares': error(
        'Expected: {:total=>3}',
        '  Actual: {:total=>2}',
        "test/a_test.rb:6:in `test_compares'",
      ),
      'test/a_test.rb › ATest › test_throws': error(
        `JSON::ParserError: ${notJsonInRuby}`,
        "    lib/lib.rb:2:in `parse'",
        "    test/a_test.rb:10:in `test_throws'",
      ),
    });
  });

  test('of Cargo, where two programs have a test of the same name', () => {
    expect(read('cargo')).toEqual({
      'some_crate (src/lib.rs) › tests::compares': {
        error: expect.stringMatching(
          /^thread 'tests::compares' .*panicked at src\/lib\.rs:14:9:\nassertion `left == right` failed\n {2}left: 2\n right: 3\n/,
        ),
        output: 'hello from the test\n\nand more',
      },
      'api (tests/api.rs) › compares': {
        error: expect.stringMatching(
          /^thread 'compares' .*panicked at tests\/api\.rs:4:10:\ncalled `Option::unwrap/,
        ),
        output: '',
      },
    });
  });

  test('of PHPUnit', () => {
    expect(read('phpunit')).toEqual({
      'tests/ATest.php › ATest › testCompares': {
        error: expect.stringMatching(
          /^Failed asserting that two arrays are identical\.\n[\s\S]*\n\ntests\/ATest\.php:7$/,
        ),
        output: 'hello from the test',
      },
      'tests/ATest.php › ATest › testThrows': error(
        'JsonException: Syntax error',
        '',
        'src/lib.php:2',
        'tests/ATest.php:9',
      ),
    });
  });
});
