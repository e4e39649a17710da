import { stripEscapes } from '../../text/strip-escapes.js';
import type { TestCase } from '../evidence.js';
import { testCase } from './test-case.js';

/** Longer lines are none of libtest's. */
const maxLine = 2000;

/** libtest has no stable report. Its lines are `test name ... ok`, below the name of the program that runs them. */
export function parseCargoOutput(output: string): TestCase[] {
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
    // `Running unittests src/lib.rs (target/debug/deps/name-0f3a…)`: the hash is another one for every build.
    const running = /^\s*Running (?:unittests )?(\S+) \((?:.*[/\\])?([\w-]+?)-[0-9a-f]{16}\)/.exec(line);
    const documentation = /^\s*Doc-tests (\S+)/.exec(line);
    if (running) program = `${running[2]} (${running[1]})`;
    else if (documentation) program = `${documentation[1]} (documentation)`;
    const [, name, word] =
      /^test (.+?)(?: - should panic)? \.\.\. (?:.*\b)?(ok|FAILED|ignored)\b/.exec(line) ?? [];
    if (!name || !word) continue;
    const outcome = word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
    // Documentation tests have the line in their names.
    cases.push(testCase(null, [program, name.replace(/ \(line \d+\)$/, '')], outcome, messages.get(name)));
  }
  return cases;
}
