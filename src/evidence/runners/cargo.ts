import { stripEscapes } from '../../text/strip-escapes.js';
import type { TestCase } from '../evidence.js';
import { testCase } from './parsers/test-case.js';
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
 * format. The name of a test program comes before the lines of its tests.
 */
function parseCargoOutput(output: string): TestCase[] {
  const cases: TestCase[] = [];
  let program = '';
  const text = stripEscapes(output);
  const messages = new Map(
    [...text.matchAll(/^---- (.+?) stdout ----\n([\s\S]*?)(?=\n\n|\n---- )/gm)].map(
      ([, name = '', message = '']) => [name, message.trim()],
    ),
  );
  for (const line of text.split('\n')) {
    if (line.length > maxLine) continue;
    // In `Running unittests src/lib.rs (target/debug/deps/name-0f3a…)`, the hash changes from build to build.
    // The parser therefore leaves it out of the name of the program.
    const running = /^\s*Running (?:unittests )?(\S+) \((?:.*[/\\])?([\w-]+?)-[0-9a-f]{16}\)/.exec(line);
    const documentation = /^\s*Doc-tests (\S+)/.exec(line);
    if (running) program = `${running[2]} (${running[1]})`;
    else if (documentation) program = `${documentation[1]} (documentation)`;
    const [, name, word] =
      /^test (.+?)(?: - should panic)? \.\.\. (?:.*\b)?(ok|FAILED|ignored)\b/.exec(line) ?? [];
    if (!name || !word) continue;
    const outcome = word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
    // The name of a documentation test ends in a line number. That number changes when the text above the
    // test changes, so the id must not contain it.
    cases.push(testCase(null, [program, name.replace(/ \(line \d+\)$/, '')], outcome, messages.get(name)));
  }
  return cases;
}
