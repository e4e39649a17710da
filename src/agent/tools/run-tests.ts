import { z } from 'zod';
import type { TestRun } from '../../evidence/evidence.js';
import { defineTool } from './define-tool.js';

export const runTests = defineTool({
  name: 'run_tests',
  description: "Run the repository's tests, all or only those of some files, and report per test.",
  input: z.object({ files: z.array(z.string()).optional() }),
  writes: () => true,
  summarise: ({ files }) => (files?.length ? files.join(' ') : 'all tests'),
  call: async ({ files }, context) => {
    if (!context.test) return { ok: false, text: 'no test command was found in this repository' };
    const run = await context.runTests(files?.length ? files : undefined);
    return { ok: run.exitCode === 0, text: describeRun(run), note: countsOf(run) };
  },
});

function describeRun(run: TestRun): string {
  const end = run.ended === 'exited' ? `exit code ${run.exitCode}` : run.ended;
  if (run.granularity === 'exit-code') return `${end}${run.note ? `; ${run.note}` : ''}\n${run.outputTail}`;
  const failed = run.cases.filter(({ outcome }) => outcome === 'failed');
  const head = `${countsOf(run)} (${end})`;
  if (failed.length === 0) return run.exitCode === 0 ? head : `${head}\n${run.outputTail}`;
  return [head, ...failed.map(({ id, message }) => `FAILED ${id}\n${message ?? ''}`)].join('\n');
}

function countsOf({ granularity, cases, exitCode, ended }: TestRun): string {
  if (granularity === 'exit-code') return ended === 'exited' ? `exit code ${exitCode}` : ended;
  const count = (wanted: string) => cases.filter(({ outcome }) => outcome === wanted).length;
  const [passed, failed] = [count('passed'), count('failed')];
  return `${passed} passed, ${failed} failed, ${cases.length - passed - failed} skipped`;
}
