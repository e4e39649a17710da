import { stripEscapes } from '../../text/strip-escapes.js';
import type { TestCase } from '../evidence.js';
import { type Reported, type ReportedCase, testCase } from './parsers/test-case.js';
import type { Runner } from './runner.js';

export const cargo: Runner = {
  name: 'cargo',
  findSetup: async ({ files }) => (files.has('Cargo.toml') ? ['cargo fetch'] : []),
  detect: async ({ files }) => (files.has('Cargo.toml') ? 'cargo test' : null),
  startedBy: /\bcargo (?:test|t)\b/,
  report: {
    through: 'command',
    // Cargo prints the names of tests to stdout and the names of the test programs to stderr. The command
    // merges the two streams, because the parser needs the names in the order in which Cargo printed them.
    rewrite: (command) => `{ ${command.replace(/\bcargo (?:test|t)\b/, '$& --no-fail-fast')}\n} 2>&1`,
    files: 'output',
    parse: (text) => ({ cases: parseCargoOutput(text) }),
  },
  settingsFiles: ['Cargo.toml'],
  testPaths: /(^|\/)tests\//i,
};

/** Maximum length of a line from libtest, Rust's test library. The parser skips longer lines. */
const maxLine = 2000;

/**
 * Reads the lines that libtest prints, such as `test name ... ok`, because libtest has no stable report
 * format. The name of a test program comes before the lines of its tests. What failed tests printed comes
 * after these lines.
 */
function parseCargoOutput(output: string): ReportedCase[] {
  const tests: { program: string; name: string; outcome: TestCase['outcome'] }[] = [];
  const printed = new Map<string, string[]>();
  let program = '';
  let open: string[] | null = null;
  for (const line of stripEscapes(output).split('\n')) {
    if (line.length > maxLine) continue;
    const heading = /^---- (.+) stdout ----$/.exec(line)?.[1];
    if (heading) {
      open = [];
      printed.set(`${program} ${heading}`, open);
      continue;
    }
    const next = readProgram(line);
    if (next !== null || /^(?:failures:|test result: )/.test(line)) open = null;
    program = next ?? program;
    const test = open ? null : readTest(line);
    if (test) tests.push({ program, ...test });
    else open?.push(line);
  }
  return tests.map(({ program, name, outcome }) => {
    const reported = splitAtPanic(printed.get(`${program} ${name}`) ?? []);
    // The name of a documentation test ends in a line number. That number changes when the text above the
    // test changes, so the id must not contain it.
    return testCase(null, [program, name.replace(/ \(line \d+\)$/, '')], outcome, reported);
  });
}

/** Separates what a test printed from the message of its panic. */
function splitAtPanic(lines: readonly string[]): Reported {
  const at = lines.findIndex((line) => /^thread '.*' (?:\(\d+\) )?panicked at /.test(line));
  return {
    message: lines.slice(Math.max(at, 0)).join('\n').trim(),
    output: lines.slice(0, Math.max(at, 0)).join('\n').trim(),
  };
}

/** Returns the name of the test program that this line announces; null if it announces none. */
function readProgram(line: string): string | null {
  // In `Running unittests src/lib.rs (target/debug/deps/name-0f3a…)`, the hash changes from build to build.
  // The parser therefore leaves it out of the name of the program.
  const running = /^\s*Running (?:unittests )?(\S+) \((?:.*[/\\])?([\w-]+?)-[0-9a-f]{16}\)/.exec(line);
  if (running) return `${running[2]} (${running[1]})`;
  const documentation = /^\s*Doc-tests (\S+)/.exec(line);
  return documentation ? `${documentation[1]} (documentation)` : null;
}

function readTest(line: string): { name: string; outcome: TestCase['outcome'] } | null {
  const [, name, word] =
    /^test (.+?)(?: - should panic)? \.\.\. (?:.*\b)?(ok|FAILED|ignored)\b/.exec(line) ?? [];
  if (!name || !word) return null;
  return { name, outcome: word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped' };
}
