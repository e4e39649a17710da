import { z } from 'zod';
import { renderWritten } from '../render-written.js';
import { defineTool } from './define-tool.js';
import { renderCounts, renderRun } from './render-tests.js';

export const runTests = defineTool({
  name: 'run_tests',
  description:
    "Run the repository's tests. Returns counts and why each test failed; the rest is in /outputs. The time " +
    'limit is in the task. Prefer this to bash.',
  input: z.object({
    files: z.array(z.string()).optional().describe('test files; omit to run all'),
  }),
  summarize: ({ files }) => (files?.length ? files.join(' ') : 'all tests'),
  call: async ({ files }, context) => {
    if (context.tests.length === 0)
      return { ok: false, text: 'No test command is known for this repository.' };
    const { tests, written } = await context.runTests(files?.length ? files : undefined);
    const { exitCode, ended, cases } = tests.run;
    // A command that does not exit has no exit code, so its results decide.
    const isHeld = ended === 'did-not-exit' && cases.length > 0 && tests.failures.length === 0;
    const rendered = renderRun(tests);
    return {
      ok: exitCode === 0 || isHeld,
      ...rendered,
      text: [rendered.text, ...renderWritten(testsWrote, written)].join('\n'),
      note: renderCounts(tests.run),
      ...(written.length > 0 && { testsWrote: written }),
    };
  },
});

const testsWrote =
  'The tests wrote these files. As they are now, they are left out of the pull request, unless `keep` of submit ' +
  'names them:';
