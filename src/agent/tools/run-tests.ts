import { z } from 'zod';
import type { TestRun } from '../../evidence/evidence.js';
import { defineTool } from './define-tool.js';
import { describeEnd } from './describe-end.js';

export const runTests = defineTool({
  name: 'run_tests',
  description: "Run the repository's tests and report counts and failures. Prefer this to bash.",
  input: z.object({
    files: z.array(z.string()).optional().describe('test files, relative to /workspace; omit to run all'),
  }),
  writes: () => true,
  summarize: ({ files }) => (files?.length ? files.join(' ') : 'all tests'),
  call: async ({ files }, context) => {
    if (!context.test) return { ok: false, text: 'No test command is known for this repository.' };
    const run = await context.runTests(files?.length ? files : undefined);
    return { ok: run.exitCode === 0, text: renderRun(run), note: renderCounts(run) };
  },
});

function renderRun(run: TestRun): string {
  const end = describeEnd(run);
  if (run.granularity === 'exit-code') return `${end}${run.note ? `; ${run.note}` : ''}\n${run.outputTail}`;
  const failed = run.cases.filter(({ outcome }) => outcome === 'failed');
  const head = `${renderCounts(run)} (${end})`;
  if (failed.length === 0) return run.exitCode === 0 ? head : `${head}\n${run.outputTail}`;
  return [head, ...failed.map(({ id, message }) => `FAILED ${id}\n${message ?? ''}`)].join('\n');
}

function renderCounts(run: TestRun): string {
  if (run.granularity === 'exit-code') return describeEnd(run);
  const count = (wanted: string) => run.cases.filter(({ outcome }) => outcome === wanted).length;
  const [passed, failed] = [count('passed'), count('failed')];
  return `${passed} passed, ${failed} failed, ${run.cases.length - passed - failed} skipped`;
}
