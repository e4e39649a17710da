import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../sandbox/sandbox.js';
import { stripEscapes } from '../text/strip-escapes.js';
import type { TestRun } from './evidence.js';
import type { TestCommand } from './find-commands.js';
import { parseReports } from './runners/parse-reports.js';
import { withReports } from './with-reports.js';

interface Options {
  timeoutMs: number;
  /** Only these test files, where the runner can; others run everything. */
  files?: readonly string[];
  signal?: AbortSignal;
}

const maxOutputBytes = 32 * 1024 * 1024;
const maxTail = 4000;
/** After the tests' time is over, for what they reported until then. */
const graceMs = 15_000;

/** Runs a repository's tests in a sandbox, as a person would, and reads the results per test where the runner says them. */
export async function runTests(sandbox: Sandbox, test: TestCommand, options: Options): Promise<TestRun> {
  const marker = `reports-${randomBytes(16).toString('hex')}`;
  const { script, env } = withReports(test, options.files, { marker, seconds: options.timeoutMs / 1000 });
  const execution = await sandbox.execute({
    script,
    env,
    timeoutMs: options.timeoutMs + graceMs,
    maxOutputBytes,
    ...(options.signal && { signal: options.signal }),
  });
  const [printed = '', ...rest] = execution.stdout.split(`\n${marker} `);
  const reports = rest.map((text) => {
    const end = text.indexOf('\n');
    return { name: text.slice(0, end), text: text.slice(end + 1) };
  });
  const { cases, runners, note, output } = parseReports(test, reports, printed);
  const timeIsOver = execution.exitCode === 137 && execution.durationMs >= options.timeoutMs;
  const together = execution.output.split(`\n${marker} `)[0] ?? '';
  // The two pipes are read side by side: what went to the second may have arrived behind the reports of the first.
  const isWhole = together.length >= printed.length + execution.stderr.length;
  const shown = output ?? (isWhole ? together : printed + execution.stderr);
  return {
    command: test.command,
    runner: runners.join(' + ') || test.runner,
    exitCode: timeIsOver ? null : execution.exitCode,
    ended: timeIsOver ? 'timeout' : execution.ended,
    durationMs: execution.durationMs,
    granularity: cases.length > 0 ? 'per-test' : 'exit-code',
    cases,
    ...(note && { note }),
    outputTail: stripEscapes(shown).slice(-maxTail).toWellFormed(),
  };
}
