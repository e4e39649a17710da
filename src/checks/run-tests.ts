import { randomBytes } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import type { Sandbox } from '../workspace/sandbox.js';
import type { TestRun } from './evidence.js';
import type { TestCommand } from './find-commands.js';
import { parseReports } from './parse-reports.js';
import { withReports, wrapScript } from './reporters.js';

interface Options {
  timeoutMs: number;
  /** Only these test files, where the runner can; others run everything. */
  files?: readonly string[];
  signal?: AbortSignal;
}

const maxOutputBytes = 32 * 1024 * 1024;
const maxTail = 4000;

/** Runs a repository's tests in a sandbox, as a person would, and reads the results per test where the runner says them. */
export async function runTests(sandbox: Sandbox, test: TestCommand, options: Options): Promise<TestRun> {
  const reported = withReports(test, options.files);
  const marker = `reports-${randomBytes(16).toString('hex')}`;
  const execution = await sandbox.execute({
    script: wrapScript(reported, marker),
    env: reported.env,
    timeoutMs: options.timeoutMs,
    maxOutputBytes,
    ...(options.signal && { signal: options.signal }),
  });
  const [printed = '', ...reports] = execution.stdout.split(`\n${marker}\n`);
  const { cases, note } = parseReports(
    test.runner,
    reports.filter((report) => report.trim() !== ''),
    printed,
  );
  const perTest = cases.length > 0;
  const together = execution.output.split(`\n${marker}\n`)[0] ?? '';
  // The two pipes are read side by side: what went to the second may have arrived behind the reports of the first.
  const isWhole = together.length >= printed.length + execution.stderr.length;
  const output = !perTest && isWhole ? together : printed + execution.stderr;
  return {
    command: test.command,
    runner: test.runner,
    exitCode: execution.exitCode,
    ended: execution.ended,
    durationMs: execution.durationMs,
    granularity: perTest ? 'per-test' : 'exit-code',
    cases,
    ...(note && { note }),
    outputTail: stripVTControlCharacters(output).slice(-maxTail).toWellFormed(),
  };
}
